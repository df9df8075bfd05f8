import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { assertNothingLeaked } from "../support/embedded-root.ts";
import { processesNaming } from "../support/processes-naming.ts";
import { uniqueSeconds } from "../support/unique.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("a shim that is killed", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  before(async () => {
    target = await embeddedCli(cleanup);
  });

  it("ends in a defined state: EXITED, 255, reason Unknown, nothing of it running", async () => {
    const mark = uniqueSeconds();
    const id = await target.runDetached("orphan", [
      "sh",
      "-c",
      `sleep ${mark} & exec sleep ${mark}`,
    ]);
    await waitUntil("both run", async () => (await sleepers(mark)).length === 2);
    const shims = (await processesNaming(id)).filter((found) => /conmon/.test(found.commandLine));
    assert.ok(shims.length > 0, "no shim bears the container's ID");
    for (const { pid } of shims) process.kill(pid, "SIGKILL");

    const { status } = await waitUntil("it is seen", async () => {
      const answer = JSON.parse(await target.out(["inspect", id]));
      return answer.status.state === "CONTAINER_EXITED" ? answer : undefined;
    });
    assert.equal(status.exitCode, 255);
    assert.equal(status.reason, "Unknown");
    await waitUntil("nothing of it runs", async () => (await sleepers(mark)).length === 0);
    const refused = await target.crish(["exec", id, "true"]);
    assert.equal(refused.status, 125);
    await target.out(["rm", id]);
    await target.out(["rmp", "-f", "-a"]);
    await assertNothingLeaked(target.root);
  });

  async function sleepers(mark: string) {
    return (await processesNaming(`sleep ${mark}`)).filter(({ commandLine }) =>
      commandLine.startsWith("sleep"),
    );
  }
});
