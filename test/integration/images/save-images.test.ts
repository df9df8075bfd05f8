import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import type { ImageProgress } from "../../../src/cri/image-store.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import { blobPath } from "../../../src/runtime/content/blob-path.ts";
import { imageDiskUsage, imageHistory } from "../../../src/runtime/images/describe-images.ts";
import { findImage, getImage } from "../../../src/runtime/images/find-image.ts";
import { loadArchive } from "../../../src/runtime/images/load-archive.ts";
import { pullImage } from "../../../src/runtime/images/pull-image.ts";
import { removeImage } from "../../../src/runtime/images/remove-image.ts";
import { saveImages } from "../../../src/runtime/images/save-images.ts";
import { tagImage } from "../../../src/runtime/images/tag-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { collectBytes } from "../../support/collect-bytes.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { type BuiltImage, buildImage, buildIndex } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";
import { startRegistry } from "../../support/registry.ts";
import { run, runOk } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const base = [{ path: "base", data: randomBytes(3_000_000) }];

function appImage(name: string): BuiltImage {
  return buildImage({ layers: [base, [{ path: name, data: name }]], config: { Cmd: [name] } });
}

describe("saving images", async () => {
  const cleanup = cleanupAfter();
  const registry = await startRegistry(cleanup);
  const engine = await openTestEngine(cleanup);
  const directory = await temporaryDirectory(cleanup, "save");
  const one = appImage("one");
  const two = appImage("two");
  const [oneName, twoName] = [
    await registry.push("app/one", "v1", one),
    await registry.push("app/two", "v1", two),
  ];
  for (const reference of [oneName, twoName]) await pullImage(engine, { reference });

  async function save(references: readonly string[]): Promise<Buffer> {
    const { stream, bytes } = collectBytes();
    await saveImages(engine, { references, archive: stream });
    return bytes();
  }

  it("writes what skopeo reads under both formats, with the digests of the registry", async () => {
    const file = join(directory, "one.tar");
    await writeFile(file, await save([oneName]));
    const oci = JSON.parse((await runOk("skopeo", ["inspect", `oci-archive:${file}`])).stdout);
    assert.equal(oci.Digest, one.manifest.digest);
    const docker = await runOk("skopeo", ["inspect", "--config", `docker-archive:${file}`]);
    assert.deepEqual(JSON.parse(docker.stdout).config.Cmd, ["one"]);
    // Copying reads and verifies every byte.
    for (const format of ["oci-archive", "docker-archive"]) {
      await runOk("skopeo", ["copy", `${format}:${file}`, `dir:${join(directory, format)}`]);
    }
  });

  it("writes several images, each blob once, in the same bytes every time", async () => {
    await tagImage(engine, oneName, "docker.io/library/also:1");
    const references = [oneName, twoName, "also:1"];
    const archive = await save(references);
    assert.deepEqual(await save(references), archive);
    const single = await save([oneName]);
    assert.ok(archive.length < single.length * 1.5, `${archive.length} of ${single.length}`);
    const other = await openTestEngine(cleanup);
    const loaded = await loadArchive(other, Readable.from([archive]));
    assert.deepEqual(
      loaded.map(({ imageId, references: names }) => [imageId, names]),
      [
        [one.config.digest, [oneName]],
        [one.config.digest, ["docker.io/library/also:1"]],
        [two.config.digest, [twoName]],
      ],
    );
    assert.deepEqual(getImage(other, twoName).digests, getImage(engine, twoName).digests);
    const again = collectBytes();
    await saveImages(other, { references, archive: again.stream });
    assert.deepEqual(again.bytes(), archive);
  });

  it("saves an image asked for by its ID without a name, and one of docker save as well", async () => {
    const plain = buildImage({ layers: [[{ path: "plain", data: "x" }]], compress: "none" });
    await loadArchive(engine, Readable.from([dockerArchive(plain, ["plain:1"])]));
    const archive = await save([plain.config.digest]);
    await removeImage(engine, plain.config.digest);
    const [loaded] = await loadArchive(engine, Readable.from([archive]));
    assert.deepEqual(loaded, { imageId: plain.config.digest, references: [] });
    const file = join(directory, "plain.tar");
    await writeFile(file, archive);
    await runOk("skopeo", ["copy", `oci-archive:${file}`, `dir:${join(directory, "plain")}`]);
    await removeImage(engine, plain.config.digest);
  });

  it("keeps an index whole where all of it is here, else takes this platform's manifest", async () => {
    const own = process.arch === "x64" ? "amd64" : process.arch;
    const here = appImage("here");
    const elsewhere = buildImage({ layers: [[{ path: "s" }]], architecture: "s390x" });
    await registry.push("app/index", "here", here);
    await registry.push("app/index", "elsewhere", elsewhere);
    const lone = buildIndex([{ architecture: own, image: here }]);
    const both = buildIndex([
      { architecture: "s390x", image: elsewhere },
      { architecture: own, image: here },
    ]);
    for (const [index, digest] of [
      [lone, lone.digest],
      [both, here.manifest.digest],
    ] as const) {
      const reference = await registry.pushManifest("app/index", "1", index);
      const { id } = await pullImage(engine, { reference });
      const file = join(directory, "index.tar");
      await writeFile(file, await save([reference]));
      const list = await runOk("tar", ["-xOf", file, "index.json"]);
      assert.equal(JSON.parse(list.stdout).manifests[0].digest, digest);
      await removeImage(engine, id);
    }
  });

  it("fetches the blob of a layer that is unpacked already from another one", async () => {
    const { layers } = one;
    const plain = buildImage({ layers: [base], compress: "none" });
    assert.equal(plain.layers[0]?.diffId, layers[0]?.diffId);
    const reference = await registry.push("app/plain", "1", plain);
    await pullImage(engine, { reference });
    await save([reference]);
    await removeImage(engine, reference);
  });

  it("writes nothing for an image that is not here", async () => {
    const { stream, bytes } = collectBytes();
    const pending = saveImages(engine, { references: [oneName, "no/such:1"], archive: stream });
    await assert.rejects(pending, (error) => hasCode(error, "NotFound"));
    assert.equal(bytes().length, 0);
    await assert.rejects(save([]), (error) => hasCode(error, "InvalidArgument"));
  });

  it("shows how far it is, and stops when it is told to or its reader is gone", async () => {
    const reports: ImageProgress[] = [];
    const onProgress = (progress: ImageProgress) => reports.push(progress);
    const { stream } = collectBytes();
    await saveImages(engine, { references: [oneName], archive: stream, onProgress });
    const last = reports.at(-1)?.layers ?? [];
    assert.ok(last.length >= 3 && last.every(({ phase }) => phase === "done"));
    const stuck = new Writable({ highWaterMark: 1, write() {} });
    const controller = new AbortController();
    const stopped = saveImages(engine, {
      references: [oneName],
      archive: stuck,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(stopped, (error) => hasCode(error, "Cancelled"));
    const gone = new Writable({ write: (_piece, _encoding, done) => done(new Error("EPIPE")) });
    gone.on("error", () => {});
    await assert.rejects(saveImages(engine, { references: [oneName], archive: gone }), /EPIPE/);
    const intents = engine.database.read((db) => db.prepare("SELECT * FROM intents").all());
    assert.deepEqual(intents, []);
  });

  it("finds every kind of damage, says so, and the next pull repairs it", async () => {
    for (const { digest } of [one.manifest, one.config, ...one.layers]) {
      const path = blobPath(engine.paths, digest);
      const bytes = await readFile(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(path, bytes);
      await assert.rejects(save([oneName]), (error) => hasCode(error, "DataLoss"), digest);
      await pullImage(engine, { reference: oneName });
      await save([oneName]);
    }
    const path = blobPath(engine.paths, one.layers[0]?.digest ?? "");
    await truncate(path, 10);
    await assert.rejects(save([oneName]), (error) => hasCode(error, "NotFound"));
    await pullImage(engine, { reference: oneName });
    await save([oneName]);
  });

  it("saves to the end what is removed meanwhile, and collects it then", async () => {
    const image = buildImage({ layers: [[{ path: "big", data: randomBytes(4_000_000) }]] });
    const reference = await registry.push("app/big", "1", image);
    await pullImage(engine, { reference });
    let removed: Promise<void> | undefined;
    const { stream, bytes } = collectBytes();
    const onProgress = () => {
      removed ??= removeImage(engine, reference);
    };
    await saveImages(engine, { references: [reference], archive: stream, onProgress });
    await removed;
    assert.ok(bytes().length > 4_000_000);
    assert.equal(findImage(engine, reference), undefined);
    await assert.rejects(readFile(blobPath(engine.paths, image.layers[0]?.digest ?? "")), /ENOENT/);
  });

  it("saves from a disk that has no room for a note of it", async () => {
    const disk = join(directory, "disk");
    await mkdir(disk);
    await runOk("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]);
    cleanup.add("unmount the full disk", async () => void (await run("umount", [disk])));
    const small = await openTestEngine(cleanup, { directory: disk });
    await pullImage(small, { reference: oneName });
    await run("dd", ["if=/dev/zero", `of=${join(disk, "fill")}`, "bs=4k"]);
    const { stream, bytes } = collectBytes();
    await saveImages(small, { references: [oneName], archive: stream });
    assert.deepEqual(bytes(), await save([oneName]));
    small.close();
  });

  it("tells how an image was made, and what each takes on disk", () => {
    const history = imageHistory(engine, oneName);
    assert.deepEqual(
      history.map(({ createdBy, diffId, emptyLayer }) => [createdBy, diffId, emptyLayer]),
      one.layers.map(({ diffId }) => ["test", diffId, false]).reverse(),
    );
    assert.ok((history.at(-1)?.sizeBytes ?? 0) >= 3_000_000);
    const usage = imageDiskUsage(engine).find(({ imageId }) => imageId === one.config.digest);
    assert.ok(usage !== undefined && usage.sharedBytes >= 3_000_000);
    assert.ok(usage.uniqueBytes > 0 && usage.uniqueBytes < 100_000);
    const blobs = [one.manifest, one.config, ...one.layers];
    assert.equal(
      usage.contentBytes,
      blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
    );
  });

  it("moves a tag to another image, and refuses names that nobody can give", async () => {
    await tagImage(engine, oneName, "moving:1");
    await tagImage(engine, twoName, "moving:1");
    await tagImage(engine, twoName, "moving:1");
    assert.equal(getImage(engine, "moving:1").id, two.config.digest);
    await tagImage(engine, one.config.digest.slice(0, 20), "moving");
    assert.equal(getImage(engine, "moving").id, one.config.digest);
    const digest = `moving@${one.manifest.digest}`;
    for (const [source, target, code] of [
      [oneName, digest, "InvalidArgument"],
      [oneName, "Not A Name", "InvalidArgument"],
      ["no/such:1", "x:1", "NotFound"],
    ] as const) {
      const pending = tagImage(engine, source, target);
      await assert.rejects(pending, (error) => hasCode(error, code), target);
    }
  });
});
