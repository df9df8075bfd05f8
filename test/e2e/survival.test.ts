import assert from "node:assert/strict";
import { once } from "node:events";
import { before, describe, it } from "node:test";
import { watchOutput } from "../support/child-output.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { assertNothingLeaked } from "../support/embedded-root.ts";
import { KILL_METHODS, startIsolatedCrish } from "../support/isolated-process.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Counts aloud, and ends with a status of its own on TERM. */
const COUNTING = "trap 'exit 7' TERM; i=0; while :; do echo $i; i=$((i+1)); sleep 0.1; done";

describe("containers outlive the crish that started them", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  before(async () => {
    target = await embeddedCli(cleanup);
  });

  for (const method of KILL_METHODS) {
    it(`an attached run is ended (${method}): the container, its log and its exit code stay`, async () => {
      const name = `kept-${method}`;
      const args = ["run", "--name", name, target.image, "sh", "-c", COUNTING];
      const caller = startIsolatedCrish(cleanup, args, target.env);
      await watchOutput(caller.child).waitFor(/^3$/m);
      await caller.kill(method);

      const id = await target.out(["ps", "-q", "--no-trunc", "--name", name]);
      assert.match(id, /^[0-9a-f]{64}$/, "it is not listed as running");
      assert.equal(await target.out(["exec", id, "echo", "alive"]), "alive");
      await logGrows(name);
      await followsAndAttaches(name);
      await target.out(["stop", "-t", "10", name]);
      const { status } = JSON.parse(await target.out(["inspect", id]));
      assert.equal(status.state, "CONTAINER_EXITED");
      assert.equal(status.exitCode, 7);
      await target.out(["rmp", "-f", "-a"]);
      await assertNothingLeaked(target.root);
    });
  }

  it("an interactive exec is ended: its container stays", async () => {
    await target.runDetached("exec-kept", ["sh", "-c", COUNTING]);
    for (const method of KILL_METHODS) {
      const args = ["exec", "-i", "exec-kept", "sh", "-c", "echo ready; cat"];
      const caller = startIsolatedCrish(cleanup, args, target.env);
      await watchOutput(caller.child).waitFor(/ready/);
      await caller.kill(method);
      assert.equal(await target.out(["exec", "exec-kept", "echo", "alive"]), "alive");
    }
    await target.out(["rmp", "-f", "-a"]);
    await assertNothingLeaked(target.root);
  });

  async function logGrows(name: string): Promise<void> {
    const last = async () => Number((await target.out(["logs", "--tail", "1", name])).trim());
    // A number that is none would be overtaken by nothing.
    const seen = await waitUntil("the log counts", async () => ((await last()) || 0) + 1);
    await waitUntil("the log grows", async () => (await last()) >= seen);
  }

  async function followsAndAttaches(name: string): Promise<void> {
    for (const args of [
      ["logs", "-f", "--tail", "1", name],
      ["attach", name],
    ]) {
      const child = target.spawn(args);
      const closed = once(child, "close");
      await watchOutput(child).waitFor(/^\d+\r?\n\d+\r?\n/m);
      child.kill("SIGINT");
      await closed;
    }
  }
});
