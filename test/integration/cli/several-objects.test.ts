import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { removeCgroups } from "../../support/remove-cgroups.ts";
import { uniqueSuffix } from "../../support/unique.ts";

for (const [name, open] of [
  ["embedded", (cleanup) => embeddedCli(cleanup)],
  ["containerd", (cleanup) => containerdCli(cleanup)],
] as const satisfies [CliTarget["name"], (cleanup: Cleanup) => Promise<CliTarget>][]) {
  describe(`statsp of several pods on ${name}`, () => {
    const cleanup = cleanupAfter();
    const parent = `/crish-test-${uniqueSuffix()}`;
    let target: CliTarget;

    before(async () => {
      // Only a kubelet takes the parents of containerd's pods away.
      cleanup.add(`remove cgroups of ${parent}`, () => removeCgroups(parent));
      target = await open(cleanup);
      for (const pod of ["one", "two", "three"]) await target.out(["runp", await podFile(pod)]);
    });

    it("shows those that are named, in a table and as JSON", async () => {
      const [, ...rows] = (await target.out(["statsp", "-s", "0.2", "one", "three"])).split("\n");
      assert.deepEqual(rows.map((row) => row.split(" ")[0]).sort(), ["one", "three"]);
      const { stats } = JSON.parse(await target.out(["statsp", "-o", "json", "one", "three"]));
      assert.equal(stats.length, 2);
    });

    it("reports the one that is not there", async () => {
      const { status, stdout, stderr } = await target.crish(["statsp", "-o", "name", "two", "no"]);
      assert.deepEqual([status, stdout], [4, "default/two\n"]);
      assert.match(stderr, /pod "no" not found/);
    });

    it("goes on beside a pod that the runtime cannot measure", async () => {
      await target.runDetached("bare", ["sleep", "1000"]);
      const { status, stdout, stderr } = await target.crish(["statsp", "-o", "name"]);
      const others = ["default/one", "default/three", "default/two"];
      const shown = stdout.trim().split("\n").sort();
      if (name === "containerd") {
        assert.deepEqual([status, shown], [1, others]);
        assert.match(
          stderr,
          /^crish: there are no figures of pod "default\/bare", .* parent\nhint/,
        );
      } else {
        assert.deepEqual([status, shown, stderr], [0, ["default/bare", ...others], ""]);
      }
      const named = await target.crish(["statsp", "-s", "0.2", "one", "two"]);
      assert.deepEqual([named.status, named.stderr], [0, ""]);
    });

    async function podFile(pod: string): Promise<string> {
      const file = join(target.directory, `${pod}.json`);
      const config = {
        metadata: { name: pod, namespace: "default", uid: uniqueSuffix() },
        linux: { cgroup_parent: join(parent, pod) },
      };
      await writeFile(file, JSON.stringify(config));
      return file;
    }
  });
}
