import { join } from "node:path";
import { before, describe, it } from "node:test";
import { type BackgroundProcess, startBackgroundProcess } from "../support/background-process.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { openTerminal, type Terminal } from "../support/terminal.ts";
import { waitUntil } from "../support/wait-until.ts";

interface Daemon {
  readonly target: CliTarget;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

async function containerd(cleanup: Cleanup): Promise<Daemon> {
  const target = await containerdCli(cleanup);
  const { stop, start } = target.containerd;
  return { target, env: target.env, stop, start };
}

async function served(cleanup: Cleanup): Promise<Daemon> {
  const target = await embeddedCli(cleanup);
  const endpoint = `unix://${join(target.directory, "cri.sock")}`;
  const { command, args } = crishCommand();
  const start = async (): Promise<BackgroundProcess> => {
    const words = [...args, "serve", "--listen", endpoint];
    const env = crishEnvironment(target.env);
    const started = startBackgroundProcess(cleanup, command, words, { env });
    await waitUntil("it serves", () => started.output().includes("serving CRI on"));
    return started;
  };
  let server = await start();
  return {
    target,
    env: { ...target.env, CONTAINER_RUNTIME_ENDPOINT: endpoint },
    async stop() {
      server.child.kill("SIGKILL");
      await server.ended;
    },
    async start() {
      server = await start();
    },
  };
}

for (const [name, open] of [
  ["containerd", containerd],
  ["crish serve", served],
] as const) {
  describe(`a prompt in a container when ${name} is lost`, () => {
    const cleanup = cleanupAfter();
    let daemon: Daemon;
    let terminal: Terminal;
    before(async () => {
      daemon = await open(cleanup);
      await daemon.target.runDetached("shell", ["sh"], ["-i", "-t"]);
      terminal = await openTerminal(cleanup, daemon.env);
    });

    for (const line of ["exec -it shell sh", "attach -it shell"]) {
      it(`is followed by what is told of it on a line of its own: ${line}`, async () => {
        await terminal.enter(`crish ${line}; echo "ended with $?"`);
        await terminal.press("Enter");
        await terminal.waitFor(/^\/ #$/m);
        await daemon.stop();
        await terminal.waitFor(/^\/ #\ncrish: .+\n(hint: .+\n)*ended with \d+$/m);
        await daemon.start();
        await terminal.clear();
      });
    }
  });
}
