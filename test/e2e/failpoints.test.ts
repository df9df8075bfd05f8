import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { assertNothingLeaked } from "../support/embedded-root.ts";

/** The kinds of intent that the runtime writes, each with a command that writes it. */
const INTENTS: Readonly<Record<string, (name: string) => string[]>> = {
  "sandbox-run": (name) => ["run", "-d", "--name", name, "IMAGE", "sleep", "1000"],
  "sandbox-stop": (name) => ["stopp", name],
  "sandbox-remove": (name) => ["rmp", "-f", name],
  "container-create": (name) => ["run", "-d", "--name", name, "IMAGE", "sleep", "1000"],
  "container-start": (name) => ["run", "-d", "--name", name, "IMAGE", "sleep", "1000"],
  "container-remove": (name) => ["rm", "-f", name],
};

describe("crish dies right after an intent is written, and before its outcome is", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  before(async () => {
    target = await embeddedCli(cleanup);
    await target.runDetached("witness", ["sleep", "100000"]);
  });

  for (const [kind, command] of Object.entries(INTENTS)) {
    for (const moment of ["intent", "outcome"]) {
      it(`${kind}:${moment}: a new crish undoes or completes it`, async () => {
        const name = `at-${kind}-${moment}`;
        const args = command(name).map((word) => (word === "IMAGE" ? target.image : word));
        if (!args.includes("run")) await target.runDetached(name, ["sleep", "1000"]);
        const env = { CRISH_FAILPOINT: `${kind}:${moment}` };
        const killed = await target.crish(args, { env });
        assert.equal(killed.status, 137, `it went on: ${killed.stdout}${killed.stderr}`);

        const { containers } = JSON.parse(await target.out(["ps", "-o", "json"]));
        for (const { id } of containers) {
          assert.equal(await target.out(["exec", id, "echo", "alive"]), "alive");
        }
        const leaks = (await target.root.leaks()).filter((line) => /intents|locks/.test(line));
        assert.deepEqual(leaks, [], "not undone");
        await removeAllButWitness();
      });
    }
  }

  it("nothing is left when all pods are removed", async () => {
    assert.equal(await target.out(["exec", "witness", "echo", "alive"]), "alive");
    await target.out(["rmp", "-f", "-a"]);
    await assertNothingLeaked(target.root);
  });

  async function removeAllButWitness(): Promise<void> {
    const { items } = JSON.parse(await target.out(["pods", "-o", "json"]));
    for (const { id, metadata } of items) {
      if (metadata.name !== "witness") await target.out(["rmp", "-f", id]);
    }
  }
});
