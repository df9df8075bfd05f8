import assert from "node:assert/strict";
import { createMessage } from "../../../src/cri/create-message.ts";
import { type Image, ImageSpec } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = `sha256:${"0123456789abcdef".repeat(4)}`;
const MALFORMED = "not a reference!";

export const imageCases = [
  contractCase(
    "imageStatus",
    ["success", "repetition"],
    "is the same by ID, by every tag and by every digest",
    async (world) => {
      const image = await status(world, world.target.images.busybox);
      assert.ok(image);
      for (const name of [image.id, ...image.repoTags, ...image.repoDigests]) {
        assert.deepEqual(await status(world, name), image, name);
      }
    },
  ),
  contractCase("imageStatus", [], "has info only when verbose", async (world) => {
    const image = spec(world.target.images.busybox);
    assert.deepEqual((await world.images.imageStatus({ image, verbose: false })).info, {});
    const { info } = await world.images.imageStatus({ image, verbose: true });
    assert.ok(Object.keys(info).length > 0);
  }),
  contractCase(
    "imageStatus",
    ["unknown"],
    "an unknown image is no error and gives no image",
    async (world) => {
      assert.equal(await status(world, UNKNOWN_ID), undefined);
      assert.equal(await status(world, `${world.target.registry.host}/t/none:1`), undefined);
    },
  ),
  contractCase(
    "imageStatus",
    ["invalid"],
    "a request without an image is refused",
    async (world) => {
      const call = world.images.imageStatus({ image: undefined, verbose: false });
      await world.refuses(call, "InvalidArgument");
    },
  ),
  contractCase("imageStatus", [], "uid and username come from the image's User", async (world) => {
    const expected = {
      "1002": { uid: 1002n, username: "" },
      "www-data": { uid: undefined, username: "www-data" },
      "1003:1004": { uid: 1003n, username: "" },
      "www-data:1004": { uid: undefined, username: "www-data" },
    };
    for (const [user, reference] of Object.entries(world.target.images.users)) {
      await pull(world, reference);
      const image = await status(world, reference);
      const { uid, username } = expected[user as keyof typeof expected];
      assert.equal(image?.uid?.value, uid, user);
      assert.equal(image?.username, username, user);
    }
  }),
  contractCase(
    "listImages",
    ["success"],
    "lists an image right after its pull, and not after its removal",
    async (world) => {
      const [small] = world.target.images.small;
      await pull(world, small.reference);
      assert.ok((await listedIds(world)).includes(small.id));
      await world.images.removeImage({ image: spec(small.reference) });
      assert.ok(!(await listedIds(world)).includes(small.id));
      assert.equal(await status(world, small.reference), undefined);
    },
  ),
  contractCase(
    "listImages",
    ["unknown"],
    "filters by name, and gives nothing for an unknown one",
    async (world) => {
      const { busybox, busyboxId } = world.target.images;
      assert.deepEqual(await listedIds(world, busybox), [busyboxId]);
      assert.deepEqual(await listedIds(world, `${world.target.registry.host}/t/none:1`), []);
    },
  ),
  contractCase("listImages", ["repetition"], "lists all, the same twice", async (world) => {
    const first = await listedIds(world);
    assert.ok(first.includes(world.target.images.busyboxId));
    assert.deepEqual((await listedIds(world)).sort(), first.sort());
  }),
  contractCase("listImages", ["invalid"], "a malformed name is refused", async (world) => {
    await world.refuses(listedIds(world, MALFORMED), "InvalidArgument");
  }),
  contractCase(
    "streamImages",
    ["success", "repetition"],
    "gives what the list gives, twice",
    async (world) => {
      const listed = (await listedIds(world)).sort();
      assert.deepEqual((await streamedIds(world)).sort(), listed);
      assert.deepEqual((await streamedIds(world)).sort(), listed);
    },
  ),
  contractCase(
    "streamImages",
    ["unknown"],
    "filters by name, and gives nothing for an unknown one",
    async (world) => {
      const { busybox, busyboxId } = world.target.images;
      assert.deepEqual(await streamedIds(world, busybox), [busyboxId]);
      assert.deepEqual(await streamedIds(world, `${world.target.registry.host}/t/none:1`), []);
    },
  ),
  contractCase("streamImages", ["invalid"], "a malformed name is refused", async (world) => {
    await world.refuses(streamedIds(world, MALFORMED), "InvalidArgument");
  }),
  contractCase(
    "removeImage",
    ["success"],
    "by ID removes the image with all its tags",
    async (world) => {
      const { tags } = world.target.images;
      let id = "";
      for (const tag of tags) id = await pull(world, tag);
      await world.images.removeImage({ image: spec(id) });
      for (const name of [id, ...tags]) assert.equal(await status(world, name), undefined, name);
    },
  ),
  contractCase(
    "removeImage",
    ["unknown"],
    "an unknown image is not an error, twice",
    async (world) => {
      await world.images.removeImage({ image: spec(UNKNOWN_ID) });
      await world.images.removeImage({ image: spec(UNKNOWN_ID) });
    },
  ),
  contractCase(
    "removeImage",
    ["repetition"],
    "five at once all succeed, and the image is gone",
    async (world) => {
      const [small] = world.target.images.small;
      const id = await pull(world, small.reference);
      const image = spec(id);
      await Promise.all(
        Array.from({ length: 5 }, async () => {
          await world.images.removeImage({ image });
          assert.equal(await status(world, id), undefined);
        }),
      );
    },
  ),
  contractCase(
    "removeImage",
    ["invalid"],
    "a request without an image is refused",
    async (world) => {
      await world.refuses(world.images.removeImage({ image: undefined }), "InvalidArgument");
    },
  ),
  contractCase(
    "imageFsInfo",
    ["success", "repetition"],
    "tells bytes and inodes in use and where, each time",
    async (world) => {
      for (let time = 0; time < 2; time++) {
        const { imageFilesystems } = await world.images.imageFsInfo({});
        const [usage] = imageFilesystems;
        assert.ok(usage, "no file system");
        assert.notEqual(usage.fsId?.mountpoint ?? "", "");
        assert.ok(usage.timestamp > 0n);
      }
    },
  ),
  contractCase("imageFsInfo", [], "its figures contain what the images take", async (world) => {
    const { waitUntil } = await import("../../support/wait-until.ts");
    // a runtime may collect the figures now and then instead of at each call
    await waitUntil("bytes and inodes are counted", async () => {
      const [usage] = (await world.images.imageFsInfo({})).imageFilesystems;
      return (
        (usage?.usedBytes?.value ?? 0n) > 1_000_000n && (usage?.inodesUsed?.value ?? 0n) > 100n
      );
    });
  }),
];

function spec(image: string): ImageSpec {
  return createMessage(ImageSpec, { image });
}

async function pull(world: World, reference: string): Promise<string> {
  const image = spec(reference);
  const request = { image, auth: undefined, sandboxConfig: undefined };
  const { imageRef } = await world.images.pullImage(request);
  world.cleanup.add(`remove image ${reference}`, async () => {
    await world.images.removeImage({ image: spec(imageRef) });
  });
  return imageRef;
}

async function status(world: World, reference: string): Promise<Image | undefined> {
  return (await world.images.imageStatus({ image: spec(reference), verbose: false })).image;
}

async function listedIds(world: World, name?: string): Promise<string[]> {
  const filter = name === undefined ? undefined : { image: spec(name) };
  return (await world.images.listImages({ filter })).images.map(({ id }) => id);
}

async function streamedIds(world: World, name?: string): Promise<string[]> {
  const filter = name === undefined ? undefined : { image: spec(name) };
  const found: string[] = [];
  for await (const part of world.images.streamImages({ filter })) {
    found.push(...part.images.map(({ id }) => id));
  }
  return found;
}
