import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { assertNothingLeaked } from "../support/embedded-root.ts";

const PROCESSES = 50;

describe(`${PROCESSES} crish processes at once on one root`, () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  const names = Array.from({ length: PROCESSES }, (_, number) => `p${number}`);
  before(async () => {
    target = await embeddedCli(cleanup);
  });

  it("each creates and starts its own, and nothing is lost", async () => {
    const ids = await all((name) =>
      target.out(
        ["run", "-d", "--name", name, target.image, "sh", "-c", `echo ${name}; sleep 1000`],
        SLOW,
      ),
    );
    assert.equal(new Set(ids).size, PROCESSES);
    const { containers } = JSON.parse(await target.out(["ps", "-o", "json"]));
    assert.deepEqual(containers.map(({ id }: { id: string }) => id).sort(), ids.toSorted());
    const { items } = JSON.parse(await target.out(["pods", "-o", "json"]));
    assert.equal(items.length, PROCESSES);
  });

  it("each has an address of its own", async () => {
    const addresses = await all(async (name) => {
      const { status } = JSON.parse(await target.out(["inspectp", name], SLOW));
      return String(status.network.ip);
    });
    assert.equal(new Set(addresses).size, PROCESSES);
  });

  it("lists, execs and logs at once see what is there", async () => {
    await all(async (name, number) => {
      if (number % 3 === 0) {
        const { containers } = JSON.parse(await target.out(["ps", "-o", "json"], SLOW));
        assert.equal(containers.length, PROCESSES);
      } else if (number % 3 === 1) {
        assert.equal(await target.out(["exec", name, "echo", name], SLOW), name);
      } else {
        assert.equal(await target.out(["logs", name], SLOW), name);
      }
    });
  });

  it("each removes its own, and nothing is left", async () => {
    await all((name) => target.out(["rmp", "-f", name], SLOW));
    const { items } = JSON.parse(await target.out(["pods", "-o", "json"]));
    assert.deepEqual(items, []);
    await assertNothingLeaked(target.root);
  });

  it("all fifty remove the same pod at once: each succeeds or says that it is gone", async () => {
    await target.runDetached("shared", ["sleep", "1000"]);
    await all(async () => {
      const { status, stderr } = await target.crish(["rmp", "-f", "shared"], SLOW);
      assert.ok([0, 4].includes(status), stderr);
    });
    await assertNothingLeaked(target.root);
  });

  async function all<T>(work: (name: string, number: number) => Promise<T>): Promise<T[]> {
    const settled = await Promise.allSettled(names.map(work));
    const failures = settled.filter((outcome) => outcome.status === "rejected");
    assert.deepEqual(
      failures.map(({ reason }) => String(reason)),
      [],
    );
    return settled.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  }
});

const SLOW = { timeoutMs: 180_000 };
