import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import type { CriBackend } from "../../../src/cri/backend.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import { ImageSpec } from "../../../src/cri/gen/runtime/v1/api.ts";
import type { ImageStore } from "../../../src/cri/image-store.ts";
import { openRemote } from "../../../src/cri/remote-backend.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { collectBytes } from "../../support/collect-bytes.ts";
import { startContainerd } from "../../support/containerd.ts";
import { containerdState } from "../../support/containerd-state.ts";
import { dockerArchive, ociArchive } from "../../support/image-archive.ts";
import {
  type BuiltImage,
  buildImage,
  buildIndex,
  buildManifest,
  descriptor,
  jsonBlob,
} from "../../support/image-builder.ts";
import { startRegistry } from "../../support/registry.ts";
import { runOk } from "../../support/run.ts";
import { tarArchive } from "../../support/tar-archive.ts";

describe("images on containerd, by its own services", async () => {
  const cleanup = cleanupAfter();
  const containerd = await startContainerd(cleanup);
  const backend = await openRemote({
    runtimeEndpoint: containerd.endpoint,
    connectTimeoutMs: 5000,
    maxRetries: 0,
  });
  cleanup.add("close backend", () => backend.close());
  const store = await getStore(backend);
  const state = () => containerdState(containerd);
  const load = (archive: Buffer, options: Partial<Parameters<ImageStore["load"]>[1]> = {}) =>
    store.load(Readable.from([archive]), options);
  const idInCri = async (name: string) => {
    const image = createMessage(ImageSpec, { image: name });
    return (await backend.images.imageStatus({ image, verbose: false })).image?.id;
  };
  const remove = async (image: BuiltImage) => {
    const spec = createMessage(ImageSpec, { image: image.config.digest });
    await backend.images.removeImage({ image: spec });
  };
  const before = await state();

  describe("load", () => {
    it("makes an OCI layout an image that CRI has at once, whole and unpacked", async () => {
      const image = appImage("oci");
      assert.deepEqual(await load(ociArchive(image, "oci:1")), [
        { imageId: image.config.digest, references: ["docker.io/library/oci:1"] },
      ]);
      assert.equal(await idInCri("oci:1"), image.config.digest);
      const listed = await containerd.ctr("images", "check", "name==docker.io/library/oci:1");
      assert.match(listed, /complete \(3\/3\).* true/);
      assert.ok((await state()).images.includes(`docker.io/library/oci@${image.manifest.digest}`));
      await remove(image);
    });

    it("reads what docker save writes, plain and compressed, with several names", async () => {
      const image = appImage("docker");
      const archive = dockerArchive(image, ["one:1", "example.com/two:2"]);
      const [loaded] = await load(gzipSync(archive));
      assert.deepEqual(loaded?.references, ["docker.io/library/one:1", "example.com/two:2"]);
      for (const name of loaded?.references ?? []) {
        assert.equal(await idInCri(name), image.config.digest);
        assert.match(await containerd.ctr("images", "check", `name==${name}`), /complete.* true/);
      }
      await remove(image);
    });

    it("names an archive without names as it is told, and else keeps it by its ID", async () => {
      const image = appImage("nameless");
      const [named] = await load(ociArchive(image), { reference: "given:1" });
      assert.deepEqual(named?.references, ["docker.io/library/given:1"]);
      await remove(image);
      assert.deepEqual(await load(ociArchive(image)), [
        { imageId: image.config.digest, references: [] },
      ]);
      assert.equal(await idInCri(image.config.digest), image.config.digest);
      await remove(image);
    });

    it("takes this machine's platform out of an index and keeps the others' content", async () => {
      const image = appImage("here");
      const other = buildImage({ layers: [[{ path: "there" }]], architecture: "s390x" });
      await load(indexArchive([image, other], "index:1"));
      assert.equal(await idInCri("index:1"), image.config.digest);
      const { content } = await state();
      for (const blob of [other.manifest, other.config, ...other.layers]) {
        assert.ok(content.includes(blob.digest), blob.mediaType);
      }
      await remove(image);
    });

    it("moves a name from the image that had it", async () => {
      const [old, young] = [appImage("old"), appImage("young")];
      await load(ociArchive(old, "moves:1"));
      await load(ociArchive(young, "moves:1"));
      assert.equal(await idInCri("moves:1"), young.config.digest);
      await remove(old);
      await remove(young);
    });

    it("uses content that another namespace has", async () => {
      const image = appImage("shared");
      const file = join(containerd.directory, "shared.tar");
      await writeFile(file, ociArchive(image, "shared:1"));
      const elsewhere = (...args: string[]) =>
        runOk("ctr", ["-a", containerd.socket, "-n", "other", "images", ...args]);
      await elsewhere("import", file);
      await assert.rejects(store.tag("shared:1", "seen:1"), { code: "NotFound" });
      await load(ociArchive(image, "shared:1"));
      assert.equal(await idInCri("shared:1"), image.config.digest);
      await remove(image);
      await elsewhere("rm", "--sync", "docker.io/library/shared:1");
    });

    it("of several at once of one image all succeed", async () => {
      const image = appImage("crowd");
      const archive = ociArchive(image, "crowd:1");
      const loaded = await Promise.all([1, 2, 3, 4].map(() => load(archive)));
      for (const each of loaded) assert.equal(each[0]?.imageId, image.config.digest);
      await remove(image);
    });

    it("goes on from what another load has left there, and verifies it all the same", async () => {
      const image = appImage("twice");
      await load(ociArchive(image, "twice:1"));
      await load(ociArchive(image, "twice:1"));
      const damaged = damage(image, ({ layers }) => layers[0]?.bytes);
      await assert.rejects(load(ociArchive(damaged, "twice:1")), { code: "DataLoss" });
      assert.equal(await idInCri("twice:1"), image.config.digest);
      await remove(image);
    });
  });

  describe("a load that fails leaves nothing", () => {
    const image = appImage("fails");
    const whole = ociArchive(image, "fails:1");
    const lying = buildImage({ layers: [[{ path: "a" }]] });
    const config = JSON.parse(lying.config.bytes.toString("utf8"));
    const wrongDiffId = relabelled(lying, {
      ...config,
      rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
    });
    const failures: readonly [string, Buffer, { code: string; message: RegExp }][] = [
      [
        "a damaged layer",
        ociArchive(
          damage(image, ({ layers }) => layers[0]?.bytes),
          "fails:1",
        ),
        { code: "DataLoss", message: /has the digest/ },
      ],
      [
        "a damaged config",
        ociArchive(
          damage(image, (each) => each.config.bytes),
          "fails:1",
        ),
        { code: "DataLoss", message: /has the digest/ },
      ],
      [
        "a layer that does not unpack to its diff ID",
        ociArchive(wrongDiffId, "fails:1"),
        { code: "DataLoss", message: /the unpacked layer/ },
      ],
      [
        "an archive cut short",
        whole.subarray(0, whole.length / 2),
        { code: "InvalidArgument", message: /ends within an entry/ },
      ],
      [
        "a compressed archive cut short",
        gzipSync(whole).subarray(0, 500_000),
        { code: "InvalidArgument", message: /damaged or cut off/ },
      ],
      ["no archive", randomBytes(100_000), { code: "InvalidArgument", message: /tar/ }],
      ["nothing", Buffer.alloc(0), { code: "InvalidArgument", message: /holds no image/ }],
      [
        "an archive without a layer",
        ociArchive({ ...image, layers: [] }, "fails:1"),
        { code: "InvalidArgument", message: /lacks "blobs/ },
      ],
    ];
    for (const [title, archive, expected] of failures) {
      it(title, async () => {
        const known = await state();
        await assert.rejects(load(archive), expected);
        assert.deepEqual(await state(), known);
      });
    }

    it("an interruption in the middle", async () => {
      const known = await state();
      const controller = new AbortController();
      const slow = async function* () {
        yield whole.subarray(0, whole.length - 200_000);
        controller.abort();
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield whole.subarray(whole.length - 200_000);
      };
      const loading = store.load(Readable.from(slow()), { signal: controller.signal });
      await assert.rejects(loading, { code: "Cancelled" });
      assert.deepEqual(await state(), known);
    });

    it("a name that is none", async () => {
      const known = await state();
      await assert.rejects(load(whole, { reference: "Not A Name" }), { code: "InvalidArgument" });
      assert.deepEqual(await state(), known);
    });

    it("the death of containerd, but for a lease that expires", async () => {
      const known = await state();
      const dying = async function* () {
        yield whole.subarray(0, whole.length - 200_000);
        await containerd.stop();
        yield whole.subarray(whole.length - 200_000);
      };
      await assert.rejects(store.load(Readable.from(dying()), {}), { code: "Unavailable" });
      await containerd.start();
      const { leases, images } = await state();
      assert.deepEqual(images, known.images);
      assert.match(await containerd.ctr("leases", "ls"), /crish-.*containerd.io\/gc.expire=/);
      for (const lease of leases) await containerd.ctr("leases", "rm", "--sync", lease);
      assert.deepEqual(await state(), known);
    });
  });

  describe("one name of many", () => {
    it("tag gives another name, again and from another image, and CRI has it at once", async () => {
      const [one, two] = [appImage("one"), appImage("two")];
      await load(ociArchive(one, "one:1"));
      await load(ociArchive(two, "two:1"));
      await store.tag("one:1", "alias");
      await store.tag("one:1", "alias");
      assert.equal(await idInCri("alias:latest"), one.config.digest);
      await store.tag(two.config.digest.slice("sha256:".length, -50), "alias");
      assert.equal(await idInCri("docker.io/library/alias:latest"), two.config.digest);
      await remove(one);
      await remove(two);
      assert.equal(await idInCri("alias"), undefined);
    });

    it("untag removes that name, and the image with its last tag", async () => {
      const image = appImage("untagged");
      await load(ociArchive(image, "first:1"));
      await store.tag("first:1", "second:2");
      assert.deepEqual(await store.untag("first:1"), { removedImage: false });
      assert.equal(await idInCri("first:1"), undefined);
      assert.equal(await idInCri("second:2"), image.config.digest);
      assert.deepEqual(await store.untag("second:2"), { removedImage: true });
      assert.equal(await idInCri(image.config.digest), undefined);
      const { images, content } = await state();
      assert.ok(!images.includes(image.config.digest));
      assert.ok(!content.includes(image.layers[0]?.digest ?? ""));
    });

    it("finds an image under a name that another tool has not written out", async () => {
      const image = appImage("short");
      await load(ociArchive(image, "example.com/short:1"));
      await containerd.ctr("images", "tag", "example.com/short:1", "short:1");
      await store.tag("short:1", "short:1");
      const archive = await save(store, ["docker.io/library/short:1"]);
      assert.ok(archive.includes('"docker.io/library/short:1"'));
      assert.deepEqual(await store.untag("short:1"), { removedImage: false });
      const { images } = await state();
      assert.deepEqual(
        images.filter((name) => name.includes("short:1")),
        ["example.com/short:1"],
      );
      await remove(image);
    });

    it("what is not there is not found, and what is no name is refused", async () => {
      await assert.rejects(store.tag("absent:1", "a:1"), { code: "NotFound" });
      await assert.rejects(store.untag("absent:1"), { code: "NotFound" });
      await assert.rejects(store.history("absent:1"), { code: "NotFound" });
      await assert.rejects(store.untag(`sha256:${"0".repeat(64)}`), { code: "NotFound" });
      await assert.rejects(store.tag("localhost/pause:test", "UPPER CASE"), {
        code: "InvalidArgument",
      });
      await assert.rejects(store.tag("localhost/pause:test", `a@sha256:${"0".repeat(64)}`), {
        code: "InvalidArgument",
      });
    });
  });

  describe("save, push, history and usage", () => {
    it("saves the same bytes every time, which ctr and crish load", async () => {
      const image = appImage("saved");
      await load(ociArchive(image, "saved:1"));
      await store.tag("saved:1", "also:1");
      const references = ["saved:1", "also:1"];
      const archive = await save(store, references);
      assert.deepEqual(await save(store, references), archive);
      await remove(image);
      const file = join(containerd.directory, "saved.tar");
      await writeFile(file, archive);
      await containerd.importImage(file);
      const names = (await state()).images;
      for (const name of references) assert.ok(names.includes(`docker.io/library/${name}`));
      await containerd.ctr(
        "images",
        "rm",
        "--sync",
        ...names.filter((n) => !n.includes("pause") && !before.images.includes(n)),
      );
      const loaded = await load(archive);
      assert.deepEqual(
        loaded.map(({ imageId }) => imageId),
        [image.config.digest, image.config.digest],
      );
      assert.deepEqual(await save(store, references), archive);
      await remove(image);
      await assert.rejects(save(store, ["localhost/pause:test", "absent:1"]), {
        code: "NotFound",
      });
    });

    it("pushes, under its own name and another, what can be pulled again", async () => {
      const registry = await startRegistry(cleanup);
      const image = appImage("pushed");
      const name = `${registry.host}/app/pushed:1`;
      await load(ociArchive(image, name));
      const pushed = await store.push(name, {});
      assert.deepEqual(pushed, {
        reference: name,
        digest: image.manifest.digest,
        missingPlatforms: [],
      });
      const other = await store.push(name, { target: `${registry.host}/app/other:2` });
      assert.equal(other.digest, image.manifest.digest);
      await remove(image);
      const spec = createMessage(ImageSpec, { image: `${registry.host}/app/other:2` });
      const { imageRef } = await backend.images.pullImage({
        image: spec,
        auth: undefined,
        sandboxConfig: undefined,
      });
      assert.equal(imageRef, image.config.digest);
      await assert.rejects(store.push(image.config.digest, {}), { code: "InvalidArgument" });
      await remove(image);
    });

    it("tells how an image was made and what images take, shared layers apart", async () => {
      const base = [{ path: "base", data: randomBytes(100_000) }];
      const [one, two] = ["one", "two"].map((name) =>
        buildImage({ layers: [base, [{ path: name, data: randomBytes(50_000) }]] }),
      );
      assert.ok(one !== undefined && two !== undefined);
      await load(ociArchive(one, "usage-one:1"));
      await load(ociArchive(two, "usage-two:1"));
      const history = await store.history("usage-one:1");
      assert.deepEqual(
        history.map(({ diffId }) => diffId),
        one.layers.map(({ diffId }) => diffId).reverse(),
      );
      assert.ok((history[1]?.sizeBytes ?? 0) >= 100_000);
      const usage = (await store.diskUsage()).find(({ imageId }) => imageId === one.config.digest);
      assert.ok(usage !== undefined);
      assert.ok(usage.sharedBytes >= 100_000 && usage.sharedBytes < 150_000, "shared");
      assert.ok(usage.uniqueBytes >= 50_000 && usage.uniqueBytes < 100_000, "unique");
      const blobs = [one.manifest, one.config, ...one.layers];
      assert.equal(
        usage.contentBytes,
        blobs.reduce((sum, { bytes }) => sum + bytes.length, 0),
      );
      await remove(one);
      await remove(two);
    });
  });

  it("nothing of all these images is left", async () => {
    assert.deepEqual(await state(), before);
  });
});

async function getStore(backend: CriBackend): Promise<ImageStore> {
  const store = await backend.imageStore();
  assert.ok(store !== undefined);
  return store;
}

async function save(store: ImageStore, references: readonly string[]): Promise<Buffer> {
  const { stream, bytes } = collectBytes();
  await store.save(references, stream, {});
  return bytes();
}

/** No two are alike, as content that is there already would hide what happens. */
function appImage(name: string): BuiltImage {
  return buildImage({
    layers: [[{ path: "data", data: randomBytes(1_500_000) }], [{ path: name, data: name }]],
  });
}

/** The image with one byte of a part changed, and the digests as they were. */
function damage(image: BuiltImage, part: (image: BuiltImage) => Buffer | undefined): BuiltImage {
  const copy: BuiltImage = {
    manifest: { ...image.manifest },
    config: { ...image.config, bytes: Buffer.from(image.config.bytes) },
    layers: image.layers.map((layer) => ({ ...layer, bytes: Buffer.from(layer.bytes) })),
  };
  const bytes = part(copy);
  assert.ok(bytes !== undefined);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return copy;
}

function relabelled(image: BuiltImage, newConfig: object): BuiltImage {
  const config = jsonBlob(image.config.mediaType, newConfig);
  return { ...image, config, manifest: buildManifest(config, image.layers) };
}

/** An OCI layout of one index with an image for this machine and one for s390x. */
function indexArchive([here, there]: readonly [BuiltImage, BuiltImage], name: string): Buffer {
  const index = buildIndex([
    { architecture: process.arch === "x64" ? "amd64" : process.arch, image: here },
    { architecture: "s390x", image: there },
  ]);
  const annotations = { "io.containerd.image.name": name };
  const blobs = [here, there].flatMap(({ manifest, config, layers }) => [
    manifest,
    config,
    ...layers,
  ]);
  return tarArchive([
    { path: "oci-layout", data: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    {
      path: "index.json",
      data: JSON.stringify({
        schemaVersion: 2,
        manifests: [{ ...descriptor(index), annotations }],
      }),
    },
    ...[index, ...blobs].map(({ digest, bytes }) => ({
      path: `blobs/${digest.replace(":", "/")}`,
      data: bytes,
    })),
  ]);
}
