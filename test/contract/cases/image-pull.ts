import assert from "node:assert/strict";
import { createMessage } from "../../../src/cri/create-message.ts";
import { type Image, ImageSpec } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

export const imagePullCases = [
  contractCase(
    "pullImage",
    ["success"],
    "by tag: RepoTags is exactly that tag, and the ID is the config's digest",
    async (world) => {
      const [small] = world.target.images.small;
      assert.equal(await pull(world, small.reference), small.id);
      const image = await find(world, small.reference);
      assert.equal(image?.id, small.id);
      assert.deepEqual(image?.repoTags, [small.reference]);
      assert.deepEqual(image?.repoDigests, [small.digestReference]);
      assert.ok((image?.size ?? 0n) > 0n);
    },
  ),
  contractCase("pullImage", ["repetition"], "again gives the same answer", async (world) => {
    const [small] = world.target.images.small;
    const first = await pull(world, small.reference);
    assert.equal(await pull(world, small.reference), first);
  }),
  contractCase(
    "pullImage",
    [],
    "without a tag means latest, and finds it again without one",
    async (world) => {
      const { untagged } = world.target.images;
      await pull(world, untagged);
      const image = await find(world, untagged);
      assert.deepEqual(image?.repoTags, [`${untagged}:latest`]);
    },
  ),
  contractCase(
    "pullImage",
    [],
    "by digest: no tag, exactly the digest that was asked for",
    async (world) => {
      const small = world.target.images.small[1];
      await pull(world, small.digestReference);
      const image = await find(world, small.digestReference);
      assert.deepEqual(image?.repoTags, []);
      assert.deepEqual(image?.repoDigests, [small.digestReference]);
    },
  ),
  contractCase(
    "pullImage",
    [],
    "three images: each has its own ID and its one tag",
    async (world) => {
      for (const { reference, id } of world.target.images.small) {
        assert.equal(await pull(world, reference), id);
        assert.deepEqual((await find(world, reference))?.repoTags, [reference]);
      }
    },
  ),
  contractCase(
    "pullImage",
    [],
    "three tags of one image are one image with three tags",
    async (world) => {
      const { tags } = world.target.images;
      const ids = new Set<string>();
      for (const tag of tags) ids.add(await pull(world, tag));
      assert.equal(ids.size, 1);
      const { images } = await world.images.listImages({ filter: undefined });
      const found = images.filter(({ id }) => ids.has(id));
      assert.equal(found.length, 1);
      assert.deepEqual(found[0]?.repoTags.toSorted(), [...tags].sort());
    },
  ),
  contractCase("pullImage", [], "a deadline that passes is DeadlineExceeded", async (world) => {
    const image = createMessage(ImageSpec, { image: world.target.images.small[2].reference });
    const request = { image, auth: undefined, sandboxConfig: undefined };
    await world.refuses(world.images.pullImage(request, { timeoutMs: 1 }), "DeadlineExceeded");
  }),
  contractCase(
    "pullImage",
    ["unknown"],
    "an image that the registry does not have is not found",
    async (world) => {
      const reference = `${world.target.registry.host}/t/none:1`;
      await world.refuses(pull(world, reference), "NotFound");
      assert.equal(await find(world, reference), undefined);
    },
  ),
  contractCase("pullImage", [], "a registry that does not answer is an error", async (world) => {
    await assert.rejects(pull(world, "127.0.0.1:1/t/none:1"));
  }),
  contractCase("pullImage", ["invalid"], "a malformed reference is refused", async (world) => {
    await world.refuses(pull(world, "not a reference!"), "InvalidArgument");
  }),
  contractCase("pullImage", ["invalid"], "a request without an image is refused", async (world) => {
    const request = { image: undefined, auth: undefined, sandboxConfig: undefined };
    await world.refuses(world.images.pullImage(request), "InvalidArgument");
  }),
];

/** Pulls, and removes the image when the case is over. */
async function pull(world: World, reference: string): Promise<string> {
  const image = createMessage(ImageSpec, { image: reference });
  const request = { image, auth: undefined, sandboxConfig: undefined };
  const { imageRef } = await world.images.pullImage(request);
  world.cleanup.add(`remove image ${reference}`, async () => {
    await world.images.removeImage({ image: createMessage(ImageSpec, { image: imageRef }) });
  });
  return imageRef;
}

async function find(world: World, reference: string): Promise<Image | undefined> {
  const image = createMessage(ImageSpec, { image: reference });
  return (await world.images.imageStatus({ image, verbose: false })).image;
}
