import assert from "node:assert/strict";
import { once } from "node:events";
import { before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { assertNothingLeaked } from "../support/embedded-root.ts";
import { KILL_METHODS, startIsolatedCrish } from "../support/isolated-process.ts";
import { seededRandom } from "../support/seeded-random.ts";

const MOMENTS = 100;
const SEED = Number(process.env.CRISH_TEST_SEED ?? 20_240_601);

describe(`crish is killed at ${MOMENTS} moments (seed ${SEED})`, () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let witness: string;
  /** How long each kind of command takes when nobody kills it. */
  const usualMs: Record<string, number> = {};
  before(async () => {
    target = await embeddedCli(cleanup);
    witness = await target.runDetached("witness", ["sleep", "100000"]);
    for (const kind of ["create", "remove"] as const) {
      const startedAt = Date.now();
      await target.out(commandOf(kind, "measured"));
      usualMs[kind] = Date.now() - startedAt;
    }
  });

  it("what it leaves is listed, works or is undone, and can be removed", async () => {
    const random = seededRandom(SEED);
    for (let moment = 0; moment < MOMENTS; moment++) {
      const kind = moment % 3 === 2 ? "remove" : "create";
      const method = KILL_METHODS[Math.floor(random() * KILL_METHODS.length)] ?? "process";
      const name = `m${moment}`;
      if (kind === "remove") await target.out(commandOf("create", name));
      const delayMs = random() * 1.1 * (usualMs[kind] ?? 500);
      const told = `moment ${moment}: ${kind} ended (${method}) after ${Math.round(delayMs)} ms`;
      const caller = startIsolatedCrish(cleanup, commandOf(kind, name), target.env);
      await Promise.race([delay(delayMs), once(caller.child, "exit")]);
      await caller.kill(method);
      await checkAfterwards(told);
    }
    assert.equal(await target.out(["exec", witness, "echo", "alive"]), "alive");
  });

  it("nothing is left when all pods are removed", async () => {
    await target.out(["rmp", "-f", "-a"]);
    await assertNothingLeaked(target.root);
  });

  function commandOf(kind: "create" | "remove", name: string): string[] {
    return kind === "create"
      ? ["run", "-d", "--name", name, target.image, "sleep", "100000"]
      : ["rmp", "-f", name];
  }

  /** A new crish sees a world that holds together, and clears what the killed one made. */
  async function checkAfterwards(told: string): Promise<void> {
    const { containers } = JSON.parse(await target.out(["ps", "-a", "-o", "json"]));
    const { items } = JSON.parse(await target.out(["pods", "-o", "json"]));
    const pods = new Set(items.map(({ id }: { id: string }) => id));
    assert.ok(
      containers.some(({ id }: { id: string }) => id === witness),
      `${told}: the witness is lost`,
    );
    for (const { id, state, podSandboxId } of containers) {
      assert.ok(pods.has(podSandboxId), `${told}: ${id} has no pod`);
      if (state !== "CONTAINER_RUNNING" || id === witness) continue;
      const { status, stdout, stderr } = await target.crish(["exec", id, "echo", "alive"]);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "alive\n" }, `${told}: ${stderr}`);
    }
    const others = items
      .filter(({ metadata }: { metadata: { name: string } }) => metadata.name !== "witness")
      .map(({ id }: { id: string }) => id);
    if (others.length > 0) {
      const { status, stderr } = await target.crish(["rmp", "-f", ...others]);
      assert.equal(status, 0, `${told}: ${stderr}`);
    }
    const leaks = (await target.root.leaks()).filter((line) => /intents|locks/.test(line));
    assert.deepEqual(leaks, [], `${told}: not undone`);
  }
});
