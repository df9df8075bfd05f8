import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import type { ImageProgress } from "../../../src/cri/image-store.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import { blobPath } from "../../../src/runtime/content/blob-path.ts";
import { getImage } from "../../../src/runtime/images/find-image.ts";
import { loadArchive } from "../../../src/runtime/images/load-archive.ts";
import { pullImage } from "../../../src/runtime/images/pull-image.ts";
import {
  type PushOptions,
  pushStoredImage,
} from "../../../src/runtime/images/push-stored-image.ts";
import { removeImage } from "../../../src/runtime/images/remove-image.ts";
import { tagImage } from "../../../src/runtime/images/tag-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { buildImage, buildIndex } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";
import { startRegistry } from "../../support/registry.ts";
import { runOk } from "../../support/run.ts";

const OWN = process.arch === "x64" ? "amd64" : process.arch;

describe("pushing images, to a real registry", async () => {
  const cleanup = cleanupAfter();
  const from = await startRegistry(cleanup);
  const to = await startRegistry(cleanup);
  const engine = await openTestEngine(cleanup);
  const image = buildImage({
    layers: [
      [{ path: "large", data: randomBytes(3_000_000) }],
      [{ path: "small", data: "small" }],
      [{ path: "middle", data: randomBytes(1_500_000) }],
    ],
  });
  const reference = await from.push("test/app", "v1", image);
  await pullImage(engine, { reference });
  const push = (target: string, options: Partial<PushOptions> = {}) =>
    pushStoredImage(engine, { reference, target, ...options });
  const inspect = async (name: string) =>
    JSON.parse(
      (await runOk("skopeo", ["inspect", "--tls-verify=false", `docker://${name}`])).stdout,
    );

  it("brings the image to another registry with its digest, and again at the cost of nothing", async () => {
    const target = `${to.host}/copies/app:v2`;
    for (const phase of ["done", "exists"]) {
      const reports: ImageProgress[] = [];
      const pushed = await push(target, { onProgress: (report) => reports.push(report) });
      const { digest } = image.manifest;
      assert.deepEqual(pushed, { reference: target, digest, missingPlatforms: [] });
      const last = reports.at(-1)?.layers ?? [];
      assert.equal(last.length, 4);
      assert.ok(
        last.every((layer) => layer.phase === phase && layer.doneBytes === layer.totalBytes),
      );
    }
    assert.equal((await inspect(target)).Digest, image.manifest.digest);
    // Pulling verifies every byte.
    const other = await openTestEngine(cleanup);
    await pullImage(other, { reference: target });
  });

  it("mounts blobs from the repository they came from, within a registry", async () => {
    const target = `${from.host}/other/app:v1`;
    const reports: ImageProgress[] = [];
    await push(target, { onProgress: (report) => reports.push(report) });
    const large = image.layers[0]?.digest;
    const states = reports.map(({ layers }) => layers.find(({ digest }) => digest === large));
    assert.equal(states.at(-1)?.phase, "exists");
    assert.ok(states.every((state) => state?.phase === "exists" || state?.doneBytes === 0));
    assert.equal((await inspect(target)).Digest, image.manifest.digest);
  });

  it("compresses plain layers once, and is known by the new digest afterwards", async () => {
    const plain = buildImage({
      layers: [[{ path: "zeros", data: Buffer.alloc(2_000_000) }], [{ path: "x", data: "x" }]],
      compress: "none",
    });
    const name = `${to.host}/loaded/app:1`;
    await loadArchive(engine, Readable.from([dockerArchive(plain, [name])]));
    const first = await pushStoredImage(engine, { reference: name });
    const { digest: plainLayer = "" } = plain.layers[0] ?? {};
    await assert.rejects(readFile(blobPath(engine.paths, plainLayer)), /ENOENT/);
    assert.deepEqual(getImage(engine, name).digests, [`${to.host}/loaded/app@${first.digest}`]);
    const manifest = JSON.parse(
      (await runOk("skopeo", ["inspect", "--tls-verify=false", "--raw", `docker://${name}`]))
        .stdout,
    );
    assert.ok(manifest.layers[0].size < 20_000);
    const again = await pushStoredImage(engine, { reference: name, target: `${to.host}/b/c:1` });
    assert.equal(again.digest, first.digest);
    await removeImage(engine, name);
    assert.equal((await pullImage(engine, { reference: name })).id, plain.config.digest);
    await removeImage(engine, name);
  });

  it("pushes this platform's manifest where the rest of the index is not here, and says so", async () => {
    const elsewhere = buildImage({ layers: [[{ path: "s" }]], architecture: "s390x" });
    await from.push("test/multi", "s390x", elsewhere);
    await from.push("test/multi", "own", image);
    const both = buildIndex([
      { architecture: "s390x", image: elsewhere },
      { architecture: OWN, image },
    ]);
    const multi = await from.pushManifest("test/multi", "both", both);
    await pullImage(engine, { reference: multi });
    const target = `${to.host}/multi/app:1`;
    const pushed = await pushStoredImage(engine, { reference: multi, target });
    const { digest } = image.manifest;
    assert.deepEqual([pushed.digest, pushed.missingPlatforms], [digest, ["linux/s390x"]]);
    await from.push("test/lone", "own", image);
    const lone = buildIndex([{ architecture: OWN, image }]);
    const single = await from.pushManifest("test/lone", "lone", lone);
    await pullImage(engine, { reference: single });
    const whole = await pushStoredImage(engine, { reference: single, target });
    assert.deepEqual([whole.digest, whole.missingPlatforms], [lone.digest, []]);
  });

  it("refuses targets that are no tags before anything is sent", async () => {
    const digest = `${to.host}/app@${image.manifest.digest}`;
    for (const [options, pattern] of [
      [{ reference: image.config.digest }, /names no tag to push to/],
      [{ reference, target: digest }, /cannot push to the digest/],
      [{ reference, target: "Not A Name" }, /image reference/],
    ] as const) {
      await assert.rejects(
        pushStoredImage(engine, options),
        (error) => hasCode(error, "InvalidArgument") && pattern.test(error.message),
      );
    }
    const missing = pushStoredImage(engine, { reference: "no/such:1" });
    await assert.rejects(missing, (error) => hasCode(error, "NotFound"));
  });

  it("never commits a damaged blob, and forgets it", async () => {
    await tagImage(engine, reference, "damaged:1");
    const { digest } = image.layers[0] ?? image.config;
    const path = blobPath(engine.paths, digest);
    const bytes = await readFile(path);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const target = `${to.host}/damaged/app:1`;
    await assert.rejects(push(target), (error) => hasCode(error, "DataLoss"));
    await assert.rejects(inspect(target));
    await pullImage(engine, { reference });
    await push(target);
  });
});
