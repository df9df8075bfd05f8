import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { busyboxImage } from "../../support/busybox-image.ts";
import { watchOutput } from "../../support/child-output.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type FakeRegistry, startFakeRegistry } from "../../support/fake-registry.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { removeCgroups } from "../../support/remove-cgroups.ts";
import { uniqueSuffix } from "../../support/unique.ts";
import { waitUntil } from "../../support/wait-until.ts";

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
      const files = await Promise.all(["one", "two", "three"].map(podFile));
      const ids = await target.out(["runp", ...files]);
      const names = await Promise.all(
        ids
          .split("\n")
          .map((id) => target.out(["inspectp", "-o", "jsonpath={.status.metadata.name}", id])),
      );
      assert.deepEqual(names, ["one", "two", "three"]);
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

  describe(`several images on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let registry: FakeRegistry;
    /** Repositories whose manifests nobody gets, until the connections close. */
    const silent = /silent/;

    before(async () => {
      target = await open(cleanup);
      registry = await startFakeRegistry(cleanup, busyboxImage());
      registry.intercept = ({ url = "" }, response) => {
        if (/missing/.test(url)) response.writeHead(404).end("{}");
        return /missing/.test(url) || silent.test(url);
      };
    });

    it("are pulled at once, a line for each, the others where one is missing", async () => {
      const [a, b, missing] = ["a", "b", "missing"].map((path) => `${registry.host}/${path}:1`);
      const { status, stdout, stderr } = await target.crish(["pull", `${a}`, `${missing}`, `${b}`]);
      const { id } = JSON.parse(await target.out(["inspecti", `${a}`])).status;
      assert.deepEqual(stdout.trimEnd().split("\n").sort(), [
        `Image is up to date for ${id} (${a})`,
        `Image is up to date for ${id} (${b})`,
      ]);
      assert.equal(status, 4, stderr);
      assert.match(stderr, /^crish: .*missing/);
      await target.out(["inspecti", `${b}`]);
      assert.equal(await target.out(["pull", `${a}`]), `Image is up to date for ${id}`);
    });

    it("are loaded from several archives at once, and listed by several names", async () => {
      const names = ["localhost/first:1", "localhost/second:1"];
      const files = await Promise.all(
        names.map(async (reference, index) => {
          const file = join(target.directory, `${index}.tar`);
          await writeFile(file, dockerArchive(busyboxImage(), [reference]));
          return file;
        }),
      );
      const loaded = (await target.out(["load", ...files])).split("\n").sort();
      assert.deepEqual(
        loaded,
        names.map((reference) => `Loaded image: ${reference}`),
      );
      // Both are names of one image.
      const tags = await target.out(["images", "-o", "jsonpath={.images[*].repoTags}", ...names]);
      for (const reference of names) assert.ok(tags.includes(reference), tags);
      assert.equal(await target.out(["images", "-q", "localhost/none", "localhost/neither"]), "");
    });

    it("are all given up at Ctrl-C", async () => {
      const names = ["silent-a", "silent-b"];
      const pulling = target.spawn(["pull", ...names.map((path) => `${registry.host}/${path}:1`)]);
      const output = watchOutput(pulling);
      await waitUntil("both are asked for", () =>
        names.every((path) => registry.requests.some(({ line }) => line.includes(path))),
      );
      pulling.kill("SIGINT");
      const [status] = await once(pulling, "close");
      assert.deepEqual([status, output.text()], [130, ""]);
    });

    it("have their histories in one table", async () => {
      await target.out(["tag", target.image, "localhost/other:1"]);
      const words = ["history", target.image, "localhost/other:1", "localhost/none:1"];
      const { status, stdout, stderr } = await target.crish(words);
      assert.equal(status, 4);
      assert.match(stderr, /image "localhost\/none:1" not found/);
      const [heading = "", ...rows] = stdout.trimEnd().split("\n");
      assert.match(heading, /^IMAGE +LAYER /);
      const images = new Set(rows.map((row) => row.split(" ")[0]));
      assert.deepEqual([...images], [target.image, "localhost/other:1"]);
    });
  });
}
