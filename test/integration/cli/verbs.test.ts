import assert from "node:assert/strict";
import { access, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** The verbs of pods, containers and images as typed, on a real runtime. */
function describeVerbs(
  name: CliTarget["name"],
  open: (cleanup: Cleanup) => Promise<CliTarget>,
): void {
  describe(`the verbs on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let podFile: string;
    let podId: string;
    let containerId: string;

    before(async () => {
      target = await open(cleanup);
      podFile = join(target.directory, "pod.yaml");
      const logs = join(target.directory, "logs");
      await writeFile(
        podFile,
        `metadata: {name: web, namespace: shop}\nlog_directory: ${logs}\nlabels: {app: web}\nlinux: {}\n`,
      );
    });

    it("version and info name the runtime and the endpoint", async () => {
      const lines = (await target.out(["version"])).split("\n").map((line) => line.split(":  ")[0]);
      assert.deepEqual(lines, ["Version", "RuntimeName", "RuntimeVersion", "RuntimeApiVersion"]);
      const info = JSON.parse(await target.out(["info"]));
      assert.equal(info.crish.backend, name === "embedded" ? "embedded" : "remote");
      assert.equal(info.crish.endpoint, target.env.CONTAINER_RUNTIME_ENDPOINT);
      assert.ok(info.status.conditions.length >= 2);
    });

    it("runp prints the pod's ID, with a uid where the file has none", async () => {
      podId = await target.out(["runp", podFile]);
      assert.match(podId, /^[0-9a-f]{64}$/);
      const { status } = JSON.parse(await target.out(["inspectp", "-q", "shop/web"]));
      assert.equal(status.id, podId);
      assert.match(status.metadata.uid, /^[0-9a-f-]{36}$/);
      assert.equal(await target.out(["pods", "-q", "--label", "app=web", "-s", "ready"]), podId);
    });

    it("create takes a pod by name, and start a container by name", async () => {
      const file = join(target.directory, "container.json");
      const config = {
        metadata: { name: "app" },
        image: { image: target.image },
        command: ["sh", "-c", "echo started; sleep 1000"],
        logPath: "app.log",
      };
      await writeFile(file, JSON.stringify(config));
      containerId = await target.out(["create", "web", file, podFile]);
      assert.equal(await target.out(["ps", "-aq", "-s", "created"]), containerId);
      assert.equal(await target.out(["start", "app"]), "app");
      assert.equal(await target.out(["ps", "-q", "--pod", "web"]), containerId);
      const row = (await target.out(["ps", "--no-trunc"])).split("\n")[1] ?? "";
      for (const word of [containerId, podId, "Running", "app", "web", "shop"]) {
        assert.ok(row.includes(word), `${word} in ${row}`);
      }
    });

    it("inspect, ps and stats tell of the same container", async () => {
      const { status, info } = JSON.parse(await target.out(["inspect", "shop/web/app"]));
      assert.equal(status.id, containerId);
      assert.equal(status.state, "CONTAINER_RUNNING");
      assert.ok(Date.parse(status.startedAt) > 0);
      assert.ok(info.pid > 0);
      const { stats } = JSON.parse(await target.out(["stats", "-o", "json", "app"]));
      assert.equal(stats[0].attributes.id, containerId);
      assert.match(await target.out(["stats", "app"]), /^[0-9a-f]{13}\s+app\s+\d+\.\d\d\s/m);
    });

    it("refuses to remove what runs, and stops it within the grace", async () => {
      assert.equal((await target.crish(["rm", "app"])).status, 1);
      assert.equal((await target.crish(["rmp", "web"])).status, 1);
      assert.equal(await target.out(["ps", "-q"]), containerId);
      assert.equal(await target.out(["stop", "-t", "1", "app"]), "app");
      assert.equal(await target.out(["ps", "-q"]), "");
      assert.equal(await target.out(["ps", "-aq", "-s", "exited"]), containerId);
    });

    it("rm takes the log along", async () => {
      const log = join(target.directory, "logs", "app.log");
      await waitUntil("the log is written", async () => (await readFile(log, "utf8")) !== "", {
        timeoutMs: 5000,
      });
      assert.equal(await target.out(["rm", containerId.slice(0, 8)]), containerId.slice(0, 8));
      await assert.rejects(access(log));
    });

    it("rmp -f stops and removes; what is gone is not found", async () => {
      const out = await target.out(["rmp", "-f", "web"]);
      assert.equal(out, "Stopped sandbox web\nRemoved sandbox web");
      assert.equal((await target.crish(["stopp", podId])).status, 4);
      assert.equal(await target.out(["pods", "-q"]), "");
    });

    it("rmp takes along the log of a pod that run made, and its directory", async () => {
      const id = await target.runDetached("logged", ["sh", "-c", "echo logged; sleep 1000"]);
      await waitUntil("it is logged", async () => (await target.out(["logs", id])) === "logged");
      const { status } = JSON.parse(await target.out(["inspect", "-q", id]));
      await target.out(["rmp", "-f", "logged"]);
      await assert.rejects(access(dirname(status.logPath)), { code: "ENOENT" });
    });

    it("images, inspecti and rmi agree on names", async () => {
      const [repository = "", tag] = target.image.split(/:(?=[^/]*$)/);
      const row = (await target.out(["images", repository])).split("\n")[1] ?? "";
      assert.deepEqual(row.split(/\s+/).slice(0, 2), [repository, tag]);
      const id = await target.out(["images", "-q", repository]);
      const { status } = JSON.parse(await target.out(["inspecti", id.slice(7, 15)]));
      assert.deepEqual(status.repoTags, [target.image]);
      assert.equal(await target.out(["rmi", target.image]), `Deleted: ${target.image}`);
      assert.equal((await target.crish(["rmi", target.image])).status, 4);
    });

    it("a pipe that is closed early ends it quietly", async () => {
      const child = target.spawn(["help"]);
      let errors = "";
      child.stderr?.on("data", (chunk) => {
        errors += chunk;
      });
      child.stdout?.destroy();
      const status = await new Promise((resolve) => child.once("close", resolve));
      assert.deepEqual([status, errors], [0, ""]);
    });
  });
}

describeVerbs("embedded", embeddedCli);
describeVerbs("containerd", containerdCli);
