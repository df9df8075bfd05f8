import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { type BackgroundProcess, startBackgroundProcess } from "../support/background-process.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("events of a runtime behind a socket", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let endpoint: string;
  before(async () => {
    target = await embeddedCli(cleanup);
    endpoint = `unix://${join(target.directory, "cri.sock")}`;
  });

  function start(...words: string[]): BackgroundProcess {
    const { command, args } = crishCommand();
    const env = crishEnvironment(target.env);
    return startBackgroundProcess(cleanup, command, [...args, ...words], { env });
  }

  async function serve(): Promise<BackgroundProcess> {
    const started = start("serve", "--listen", endpoint);
    await waitUntil("it serves", async () => started.output().includes("serving CRI on"));
    return started;
  }

  it("go on after it was killed and came back, which is told once; Ctrl-C ends them with 0", async () => {
    const first = await serve();
    const watch = start("-r", endpoint, "events", "--type", "started", "--type", "stopped");
    const told = (name: string, type: string) =>
      watch
        .output()
        .split("\n")
        .some((line) => line.includes(`CONTAINER_${type}_EVENT`) && line.includes(`"${name}-`));
    // What happens before the watch is on is not told: something has to happen until it is.
    const happens = async (name: string, type: string) => {
      let attempt = 0;
      await waitUntil(`${name} is told`, async () => {
        await target.runDetached(`${name}-${attempt++}`, ["true"]);
        return told(name, type);
      });
    };
    await happens("before", "STARTED");
    first.child.kill("SIGKILL");
    await first.ended;
    await waitUntil("the loss is told", () => /^lost "unix:/m.test(watch.output()));
    await serve();
    await waitUntil("the return is told", () => /^"unix:.* is back/m.test(watch.output()));
    await happens("after", "STOPPED");
    assert.equal(watch.output().match(/^lost "unix:/gm)?.length, 1);
    watch.child.kill("SIGINT");
    assert.equal(await watch.ended, 0);
  });
});
