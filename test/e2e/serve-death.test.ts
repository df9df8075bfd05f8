import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { type BackgroundProcess, startBackgroundProcess } from "../support/background-process.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { CLI_IMAGE, type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { processesNaming } from "../support/processes-naming.ts";
import { uniqueSeconds } from "../support/unique.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("crish serve and one-shot commands on one root", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let endpoint: string;
  let server: BackgroundProcess;

  before(async () => {
    target = await embeddedCli(cleanup);
    endpoint = `unix://${join(target.directory, "cri.sock")}`;
    server = await serve();
  });

  async function serve(): Promise<BackgroundProcess> {
    const { command, args } = crishCommand();
    const started = startBackgroundProcess(
      cleanup,
      command,
      [...args, "serve", "--listen", endpoint],
      { env: crishEnvironment(target.env) },
    );
    await waitUntil("it serves", async () => started.output().includes("serving CRI on"));
    return started;
  }

  const served = () => ({ env: { CONTAINER_RUNTIME_ENDPOINT: endpoint } });

  it("lists without an error, there and here, while ten containers are created", async () => {
    const pod = join(target.directory, "pod.json");
    await writeFile(
      pod,
      JSON.stringify({ metadata: { name: "many", namespace: "default", uid: "1" }, linux: {} }),
    );
    const podId = await target.out(["runp", pod], served());
    const files = await Promise.all(
      Array.from({ length: 10 }, (_, number) => containerFile(number)),
    );
    const created = Promise.all(
      files.map((file, number) =>
        target.out(["create", podId, file, pod], number % 2 === 0 ? served() : {}),
      ),
    );
    let isDone = false;
    created
      .finally(() => {
        isDone = true;
      })
      .catch(() => {});
    while (!isDone) {
      await Promise.all([target.out(["ps", "-a"], served()), target.out(["ps", "-a"])]);
    }
    const ids = (await created).toSorted();
    assert.deepEqual((await target.out(["ps", "-aq"], served())).split("\n").toSorted(), ids);
    assert.deepEqual((await target.out(["ps", "-aq"])).split("\n").toSorted(), ids);
    await target.out(["rmp", "-f", "many"], served());
    assert.equal(await target.out(["ps", "-aq"]), "");
  });

  it("after a kill -9 containers go on, and no command of exec is left", async () => {
    const main = uniqueSeconds();
    const execs = [uniqueSeconds(), uniqueSeconds()];
    const run = ["run", "-d", "--name", "web", CLI_IMAGE, "sh", "-c", `echo said; sleep ${main}`];
    const id = await target.out(run, served());
    target.spawn(["exec", id, "sleep", execs[0] ?? ""], served());
    target.spawn(["exec", "--sync", id, "sleep", execs[1] ?? ""], served());
    await waitUntil(
      "the container and both commands run",
      async () => (await sleeping(main, ...execs)) === 3,
    );
    server.child.kill("SIGKILL");
    await server.ended;
    assert.equal(await target.out(["ps", "-q"]), id);
    await waitUntil("no command is left", async () => (await sleeping(...execs)) === 0);
    assert.equal(await sleeping(main), 1);
    server = await serve();
    assert.equal(await target.out(["ps", "-q"], served()), id);
    assert.equal(await target.out(["exec", id, "echo", "again"], served()), "again");
    assert.equal(await target.out(["logs", id], served()), "said");
    assert.equal(await sleeping(main), 1);
    // With the pod goes the log directory that `run` made for it on the node.
    await target.out(["rmp", "-f", "web"], served());
  });

  async function containerFile(number: number): Promise<string> {
    const file = join(target.directory, `c${number}.json`);
    const config = {
      metadata: { name: `c${number}` },
      image: { image: CLI_IMAGE },
      command: ["sleep", "10000"],
      linux: {},
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  /** How many processes sleep that long. */
  async function sleeping(...seconds: readonly string[]): Promise<number> {
    const found = await processesNaming("sleep ");
    return found.filter(({ commandLine }) =>
      seconds.some((each) => commandLine === `sleep ${each}`),
    ).length;
  }
});
