import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackgroundProcess, startBackgroundProcess } from "./background-process.ts";
import { pauseImage } from "./busybox-image.ts";
import type { Cleanup } from "./cleanup.ts";
import { importImage } from "./containerd-import.ts";
import { dockerArchive } from "./image-archive.ts";
import { killProcessesNaming } from "./kill-processes-naming.ts";
import { bridgeNetworkList } from "./network-list.ts";
import { processesNaming } from "./processes-naming.ts";
import { removeBridge } from "./remove-bridge.ts";
import { run, runOk } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { uniqueSuffix } from "./unique.ts";
import { waitUntil } from "./wait-until.ts";
import { withCri } from "./with-cri.ts";

export interface TestContainerd {
  /** `unix:///…/containerd.sock` */
  readonly endpoint: string;
  readonly socket: string;
  readonly directory: string;
  readonly bridge: string;
  /** What it has written to its log so far. */
  log(): string;
  /** Runs `ctr` against it, in the namespace of CRI. */
  ctr(...args: string[]): Promise<string>;
  /** Imports an archive of images; CRI has them when it resolves. */
  importImage(archive: string): Promise<void>;
  /** Ends the daemon and starts it anew on the same directories; its containers go on. */
  restart(): Promise<void>;
  /** Ends the daemon; its containers go on. */
  stop(): Promise<void>;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  /** Stops the process in its tracks: it holds its sockets and answers nothing, until `resume`. */
  pause(): Promise<void>;
  resume(): void;
}

/**
 * Starts a containerd that shares nothing with another: own root, state, socket, network, bridge.
 * The cleanup removes its pods, ends it and its shims, and unmounts what is left.
 */
export async function startContainerd(cleanup: Cleanup): Promise<TestContainerd> {
  const suffix = uniqueSuffix();
  const bridge = `ctd-${suffix}`;
  const directory = await temporaryDirectory(cleanup, "containerd");
  const socket = join(directory, "containerd.sock");
  await writeNetwork(join(directory, "net.d"), `ctd-${suffix}`, bridge, directory);
  await writeFile(join(directory, "config.toml"), configuration(directory, socket));
  const pause = join(directory, "pause.tar");
  await writeFile(pause, dockerArchive(pauseImage(), [PAUSE]));
  cleanup.add(`remove bridge ${bridge}`, () => removeBridge(bridge, `ctd-${suffix}`));
  cleanup.add("kill shims of containerd", () => killShims(directory));
  const ctr = async (...args: string[]): Promise<string> =>
    (await runOk("ctr", ["-a", socket, "-n", "k8s.io", ...args])).stdout;
  const start = async (): Promise<BackgroundProcess> => {
    const config = join(directory, "config.toml");
    const started = startBackgroundProcess(cleanup, "containerd", ["--config", config]);
    await waitForServer(started, socket);
    cleanup.add("remove pods of containerd", async () => {
      // A test may have failed while it was paused.
      started.child.kill("SIGCONT");
      // Of an earlier start, which was ended: nobody answers there.
      if (started.child.exitCode === null) await removeTasks(socket);
    });
    return started;
  };
  let server = await start();
  const endpoint = `unix://${socket}`;
  await importImage({ ctr, endpoint }, pause);
  return {
    endpoint,
    socket,
    directory,
    bridge,
    log: () => server.output(),
    ctr,
    importImage: (archive) => importImage({ ctr, endpoint }, archive),
    async restart() {
      await server.stop();
      server = await start();
    },
    stop: () => server.stop(),
    async start() {
      server = await start();
    },
    async pause() {
      server.child.kill("SIGSTOP");
      await waitUntil("containerd is stopped", () => isStopped(server.pid));
    },
    resume: () => void server.child.kill("SIGCONT"),
  };
}

const PAUSE = "localhost/pause:test";

function configuration(directory: string, socket: string): string {
  return `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${directory}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stats_collect_period = 1
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${directory}/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${directory}/net.d"
`;
}

async function writeNetwork(
  confDir: string,
  name: string,
  bridge: string,
  directory: string,
): Promise<void> {
  const list = bridgeNetworkList({ name, bridge, directory });
  await mkdir(confDir, { recursive: true });
  await writeFile(join(confDir, "10-test.conflist"), JSON.stringify(list));
}

async function waitForServer(server: BackgroundProcess, socket: string): Promise<void> {
  try {
    await waitUntil(
      "containerd answers with CRI ready",
      async () => {
        if (server.child.exitCode !== null) throw new Error("containerd has ended");
        const plugins = await run("ctr", ["-a", socket, "plugins", "ls"]);
        if (!/grpc\.v1\s+cri\s+\S+\s+ok/.test(plugins.stdout)) return false;
        // CRI itself refuses lists until it has read what an earlier run has left.
        const filter = undefined;
        return await withCri(`unix://${socket}`, ({ runtime }) =>
          runtime.listPodSandbox({ filter }),
        );
      },
      { timeoutMs: 30_000, intervalMs: 100 },
    );
  } catch (cause) {
    throw new Error(`${String(cause)}\n${server.output().slice(-3000)}`, { cause });
  }
}

/** What a shim runs goes first: without it nobody would know whose it is. */
async function killShims(directory: string): Promise<void> {
  for (const { pid } of await processesNaming(directory)) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
    for (const child of children.split(" ").filter(Boolean)) {
      await run("kill", ["-KILL", child]);
    }
  }
  await killProcessesNaming(directory);
}

/** One thread takes the signal, when it gets its turn; until then the others go on. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8")),
  );
  return states.every((text) => text.slice(text.lastIndexOf(")") + 2).startsWith("T"));
}

/** Kills every container that is left, so that the shims end and unmount by themselves. */
async function removeTasks(socket: string): Promise<void> {
  const ctr = (...args: string[]) => run("ctr", ["-a", socket, "-n", "k8s.io", ...args]);
  const tasks = (await ctr("tasks", "ls", "-q")).stdout.split("\n").filter(Boolean);
  for (const task of tasks) await ctr("tasks", "rm", "-f", task);
}
