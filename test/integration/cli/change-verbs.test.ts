import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** The verbs that replace and clear away: restart and prune. */
function describeChanging(
  name: CliTarget["name"],
  open: (cleanup: Cleanup) => Promise<CliTarget>,
): void {
  describe(`restart and prune on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let web: string;

    before(async () => {
      target = await open(cleanup);
      web = await target.runDetached(
        "web",
        ["sh", "-c", "echo $MODE; exec sleep 1000"],
        ["-e", "MODE=first", "--label", "app=web"],
      );
    });

    const statusOf = async (id: string) =>
      JSON.parse(await target.out(["inspect", "-q", id])).status;

    it("restart makes the next attempt of the same configuration", async () => {
      const next = await target.out(["restart", "-t", "0", "web"]);
      assert.notEqual(next, web);
      const status = await statusOf(next);
      assert.deepEqual(status.metadata, { attempt: 1, name: "web" });
      assert.equal(status.state, "CONTAINER_RUNNING");
      assert.equal(status.labels.app, "web");
      assert.equal(await target.out(["exec", "web", "sh", "-c", "echo $MODE"]), "first");
      await waitUntil("it is logged", async () =>
        (await target.out(["logs", next])).endsWith("first"),
      );
      assert.equal(await target.out(["ps", "-aq", "--name", "web"]), next);
    });

    it("restart keeps the old attempt where that is wanted, and runs what has exited", async () => {
      const before = await target.out(["ps", "-q", "--name", "web"]);
      await target.out(["stop", "-t", "0", "web"]);
      const next = await target.out(["restart", "--keep", "web"]);
      assert.equal((await statusOf(next)).metadata.attempt, 2);
      assert.deepEqual((await target.out(["ps", "-aq", "--name", "web"])).split("\n"), [
        next,
        before,
      ]);
    });

    it("restart leaves what runs where the new one cannot be made", async () => {
      const id = await target.out(["ps", "-q", "--name", "web"]);
      const pod = JSON.parse(await target.out(["inspect", id])).info.sandboxID;
      await target.out(["stopp", pod]);
      const { status, stderr } = await target.crish(["restart", "web"]);
      assert.notEqual(status, 0);
      assert.notEqual(stderr, "");
      assert.ok((await target.out(["ps", "-aq", "--name", "web"])).includes(id));
    });

    it("prune tells what would go, and takes it away; what runs stays", async () => {
      const db = await target.runDetached("db", ["sleep", "1000"]);
      const told = await target.out(["prune", "--dry-run"]);
      const kinds = told.split("\n").map((row) => row.split("\t")[0]);
      assert.deepEqual(kinds, ["container", "container", "pod"]);
      assert.equal((await target.out(["ps", "-aq", "--name", "web", "--no-trunc"])) === "", false);
      assert.equal(await target.out(["prune", "--filter", "until=1h"]), "");
      const out = await target.out(["prune", "-a"]);
      assert.match(out, /Removed pod default\/web .*\nFreed (at least )?\S+$/);
      // containerd measures what a container has written some seconds later.
      if (name === "embedded") assert.doesNotMatch(out, /at least/);
      assert.equal(await target.out(["ps", "-aq"]), db);
      assert.equal((await target.out(["pods", "-q"])).split("\n").length, 1);
    });

    it("prune counts what a container has written as freed", async () => {
      const write = "head -c 5000000 /dev/zero > /file";
      await target.out(["run", "--name", "full", target.image, "sh", "-c", write]);
      const measured = await waitUntil("the runtime has measured it", async () => {
        const told = (await target.out(["prune", "--dry-run"])).split("\n");
        return /default\/full\/full\t(5\.\d+MB)\t/.exec(told.join("\n"))?.[1];
      });
      assert.match(await target.out(["prune"]), new RegExp(`^Freed ${measured}$`, "m"));
    });

    it("prune takes images that nothing uses, but not that of the pods", async () => {
      const images = async () => (await target.out(["images", "-o", "name"])).split("\n");
      assert.ok((await images()).includes(target.image));
      await target.out(["rmp", "-f", "db"]);
      assert.match(
        await target.out(["prune", "-a", "--images"]),
        /Removed image localhost\/busybox/,
      );
      assert.deepEqual(await images(), name === "containerd" ? ["localhost/pause:test"] : [""]);
      const { stderr } = await target.crish(["prune", "-a"]);
      assert.equal(stderr, "nothing to remove\n");
    });
  });
}

describeChanging("embedded", embeddedCli);
describeChanging("containerd", containerdCli);
