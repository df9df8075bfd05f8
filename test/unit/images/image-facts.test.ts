import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode, StatusError } from "../../../src/errors/status-error.ts";
import { digestOf } from "../../../src/images/digest.ts";
import { divideUsage } from "../../../src/images/divide-usage.ts";
import type { OciImageConfig } from "../../../src/images/image-config.ts";
import type { ImageContent } from "../../../src/images/image-content.ts";
import { toImageHistory } from "../../../src/images/image-history.ts";
import { blobsOf, readImageTree } from "../../../src/images/image-tree.ts";
import { type Blob, buildImage, buildIndex } from "../../support/image-builder.ts";

const AMD64 = { os: "linux", architecture: "amd64", variant: "" };

function configOf(diffIds: readonly string[], history?: readonly object[]): OciImageConfig {
  return {
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: diffIds },
    ...(history === undefined ? {} : { history }),
  };
}

describe("the history of an image", () => {
  const shapes: [string, readonly object[] | undefined, readonly (string | undefined)[]][] = [
    ["without a history", undefined, ["b", "a"]],
    ["with a step for each layer", [{}, {}], ["b", "a"]],
    ["with steps that have no layer", [{}, { empty_layer: true }, {}], ["b", undefined, "a"]],
    ["that lacks the lowest step", [{ created_by: "last" }], ["b", "a"]],
    ["with more steps than layers", [{}, {}, {}], [undefined, "b", "a"]],
  ];
  for (const [name, history, expected] of shapes) {
    it(`tells the layers of one ${name}`, () => {
      const entries = toImageHistory(configOf(["a", "b"], history), (layer) => layer + 1);
      assert.deepEqual(
        entries.map(({ diffId }) => diffId),
        expected,
      );
      for (const entry of entries) {
        assert.equal(entry.sizeBytes, { a: 1, b: 2 }[entry.diffId ?? ""] ?? 0);
        assert.equal(entry.emptyLayer, entry.diffId === undefined);
      }
    });
  }

  it("takes nothing but texts for texts", () => {
    const [entry] = toImageHistory(
      configOf(["a"], [{ created: 5, created_by: {}, comment: "c" }]),
      () => undefined,
    );
    assert.deepEqual(entry, {
      created: "",
      createdBy: "",
      author: "",
      comment: "c",
      emptyLayer: false,
      diffId: "a",
    });
  });
});

describe("the usage of disks", () => {
  it("counts a layer for an image alone, or for all that share it, and once in each", () => {
    const layer = (key: string, sizeBytes: number) => ({ key, sizeBytes });
    const usage = divideUsage([
      { imageId: "one", layers: [layer("base", 100), layer("own", 10), layer("own", 10)] },
      { imageId: "two", layers: [layer("base", 100)] },
      { imageId: "none", layers: [] },
    ]);
    assert.deepEqual(usage, [
      { imageId: "one", uniqueBytes: 10, sharedBytes: 100 },
      { imageId: "two", uniqueBytes: 0, sharedBytes: 100 },
      { imageId: "none", uniqueBytes: 0, sharedBytes: 0 },
    ]);
  });
});

describe("what an image is made of", () => {
  const one = buildImage({ layers: [[{ path: "one" }]], architecture: "amd64" });
  const two = buildImage({ layers: [[{ path: "two" }]], architecture: "arm64" });
  const index = buildIndex([
    { architecture: "arm64", image: two },
    { architecture: "amd64", image: one },
  ]);
  const partsOf = (image: typeof one): Blob[] => [image.manifest, image.config, ...image.layers];

  function contentOf(blobs: readonly Blob[]): ImageContent {
    const byDigest = new Map(blobs.map(({ digest, bytes }) => [digest, bytes]));
    return {
      find: async (digest) => byDigest.get(digest)?.length,
      read: async (digest) => {
        const bytes = byDigest.get(digest);
        if (bytes === undefined) throw new StatusError("NotFound", `no blob "${digest}"`);
        return bytes;
      },
      stream: () => assert.fail("streamed"),
    };
  }

  it("is the whole index where all of it is here, each document behind what it names", async () => {
    const content = contentOf([index, ...partsOf(one), ...partsOf(two)]);
    const tree = await readImageTree(content, index, AMD64);
    assert.equal(tree.top.digest, index.digest);
    assert.deepEqual(
      tree.documents.map(({ digest }) => digest),
      [two.manifest.digest, one.manifest.digest, index.digest],
    );
    assert.equal(blobsOf([tree, tree]).length, 4);
    assert.deepEqual(tree.missingPlatforms, []);
  });

  it("is the manifest that fits where only a part is here", async () => {
    const own = await readImageTree(contentOf([index, ...partsOf(one)]), index, AMD64);
    assert.deepEqual(
      [own.top.digest, own.missingPlatforms],
      [one.manifest.digest, ["linux/arm64"]],
    );
    assert.equal(own.top.mediaType, one.manifest.mediaType);
  });

  it("is nothing where a blob is missing or of another size, and the failure names it", async () => {
    const [layer] = one.layers;
    const short = { ...one.config, bytes: one.config.bytes.subarray(1) };
    for (const [blobs, missing] of [
      [[one.manifest, one.config], layer?.digest],
      [[one.manifest, short, ...one.layers], one.config.digest],
      [[index], "no blob"],
      [[], "no blob"],
    ] as const) {
      const top = blobs[0] === index ? index : one.manifest;
      await assert.rejects(
        readImageTree(contentOf(blobs), top, AMD64),
        (error) => hasCode(error, "NotFound") && error.message.includes(missing ?? ""),
      );
    }
  });

  it("refuses indexes that go on for ever, and what is no manifest", async () => {
    const media = index.mediaType;
    let inner = one.manifest;
    const blobs = partsOf(one);
    for (let depth = 0; depth < 5; depth++) {
      const bytes = Buffer.from(
        JSON.stringify({
          mediaType: media,
          manifests: [
            { mediaType: inner.mediaType, digest: inner.digest, size: inner.bytes.length },
          ],
        }),
      );
      inner = { mediaType: media, digest: digestOf(bytes), bytes };
      blobs.push(inner);
    }
    for (const top of [inner, one.config]) {
      await assert.rejects(readImageTree(contentOf(blobs), top, AMD64), (error) =>
        hasCode(error, "InvalidArgument"),
      );
    }
  });
});
