import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { busyboxImage } from "../support/busybox-image.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { dockerArchive } from "../support/image-archive.ts";
import type { BuiltImage } from "../support/image-builder.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

const MOMENTS = [
  ...["image-pull:intent", "image-pull:outcome", "blob:renamed", "unpack:outcome"],
  ...["image-load:intent", "image-load:outcome"],
  ...["image-remove:intent", "image-remove:outcome"],
  ...["image-save:intent", "image-save:outcome", "image-push:intent", "image-push:outcome"],
];

/** How an intent is named in the source. */
const INTENT =
  /"((?:sandbox|container|image)-(?:run|stop|remove|create|start|pull|load|save|push))"/g;

describe("crish dies in the middle of what it does with an image", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let registry: TestRegistry;
  before(async () => {
    target = await embeddedCli(cleanup);
    registry = await startRegistry(cleanup);
  });

  for (const moment of MOMENTS) {
    it(`${moment}: a new crish has the image whole or not at all, and the same again works`, async () => {
      const text = randomBytes(20_000).toString("hex");
      const image = busyboxImage({ extra: [{ path: "hello.txt", data: text }] });
      const { args, reference } = await commandFor(moment, image);
      if (args[0] === "rmi") await target.out(["load", args.pop() ?? ""]);
      const killed = await target.crish(args, { env: { CRISH_FAILPOINT: moment } });
      assert.equal(killed.status, 137, `it went on: ${killed.stdout}${killed.stderr}`);

      const { images } = JSON.parse(await target.out(["images", "-o", "json"]));
      const listed = images.find(({ id }: { id: string }) => id === image.config.digest);
      if (listed !== undefined) assert.equal(await fileIn(image.config.digest), text);
      const leaks = (await target.root.leaks()).filter((line) => /intents|locks|active/.test(line));
      assert.deepEqual(leaks, [], "not undone");

      if (args[0] !== "rmi") {
        await target.out(args);
        assert.equal(await fileIn(reference), text);
      }
      await target.crish(["rmi", image.config.digest]);
      assert.deepEqual(readdirSync(join(target.root.root, "content", "ingest")), []);
    });
  }

  it("every kind of intent in the source has its moments", () => {
    const sources = globSync("src/runtime/**/*.ts", { cwd: join(import.meta.dirname, "../..") });
    const kinds = sources.flatMap((file) => {
      const source = readFileSync(join(import.meta.dirname, "../..", file), "utf8");
      const found = source.matchAll(INTENT);
      return Array.from(found, ([, kind]) => kind);
    });
    const tests = readFileSync(join(import.meta.dirname, "failpoints.test.ts"), "utf8");
    const tested = (kind = "") => MOMENTS.includes(`${kind}:intent`) || tests.includes(`"${kind}"`);
    assert.ok(new Set(kinds).size >= 9, "the intents are written otherwise now");
    assert.deepEqual(
      kinds.filter((kind) => !tested(kind)),
      [],
    );
  });

  async function commandFor(
    moment: string,
    image: BuiltImage,
  ): Promise<{ args: string[]; reference: string }> {
    const name = moment.replace(":", "-");
    if (/^(image-pull|blob|unpack)/.test(moment)) {
      const reference = await registry.push(`t/${name}`, "1", image);
      return { args: ["pull", reference], reference };
    }
    const reference = `localhost/${name}:1`;
    const archive = join(target.directory, `${name}.tar`);
    await writeFile(archive, dockerArchive(image, [reference]));
    if (/^image-(save|push)/.test(moment)) {
      await target.out(["load", archive]);
      const isSave = moment.startsWith("image-save");
      const push = ["push", reference, `${registry.host}/t/${name}`];
      return { args: isSave ? ["save", "-o", `${archive}.out`, reference] : push, reference };
    }
    const isLoad = moment.startsWith("image-load");
    return { args: isLoad ? ["load", archive] : ["rmi", reference, archive], reference };
  }

  function fileIn(image: string): Promise<string> {
    return target.out(["run", "--rm", "--name", "reader", image, "cat", "/hello.txt"]);
  }
});
