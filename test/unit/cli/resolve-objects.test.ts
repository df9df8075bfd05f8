import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Context } from "../../../src/cli/context.ts";
import { resolveImages, spellings } from "../../../src/cli/resolve-images.ts";
import { resolveContainers, resolvePods } from "../../../src/cli/resolve-objects.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
} from "../../support/fake-backend.ts";

function contextOf(contents: FakeContents): Context {
  const backend = fakeBackend(contents);
  const settings = { timeoutMs: undefined };
  const signal = new AbortController().signal;
  return { backend: async () => backend, settings, signal, session: {} } as unknown as Context;
}

async function outcomes<T extends { id: string }>(
  resolved: Promise<readonly ({ object: T } | { error: Error & { code: string } })[]>,
): Promise<string[]> {
  return (await resolved).map((item) =>
    "object" in item ? item.object.id : `${item.error.code}: ${item.error.message}`,
  );
}

const A = "a".repeat(64);
const AB = `ab${"0".repeat(62)}`;
const B = "b".repeat(64);
const web = fakePod({ name: "web", id: "1".repeat(64) });
const other = fakePod({ name: "other", id: "2".repeat(64) });

describe("a container reference", () => {
  const contents: FakeContents = {
    pods: [web, other],
    containers: [
      fakeContainer({ name: "app", id: A, podSandboxId: web.id }),
      fakeContainer({ name: "side", id: AB, podSandboxId: web.id }),
      fakeContainer({ name: "app", id: B, podSandboxId: other.id }),
      fakeContainer({ name: A.slice(0, 5), id: "c".repeat(64), podSandboxId: web.id }),
    ],
  };
  const resolve = (...references: string[]) =>
    outcomes(resolveContainers(contextOf(contents), references));

  it("is a full ID, an exact name, a path or a unique prefix, in that order", async () => {
    assert.deepEqual(await resolve(A), [A]);
    assert.deepEqual(await resolve("side"), [AB]);
    assert.deepEqual(await resolve("default/other/app"), [B]);
    assert.deepEqual(await resolve("b"), [B]);
    // A name goes before a prefix.
    assert.deepEqual(await resolve("aaaaa"), ["c".repeat(64)]);
  });

  it("that is a pod's name tells the containers of that pod", async () => {
    const [item] = await resolveContainers(contextOf(contents), ["web"]);
    assert.ok(item !== undefined && "error" in item);
    assert.equal(item.error.message, 'container "web" not found');
    assert.equal(
      item.error.hint,
      "a pod is called that: it has default/web/app, default/web/side, default/web/aaaaa",
    );
  });

  it("is refused with the candidates in one line where it is ambiguous", async () => {
    assert.deepEqual(await resolve("a"), [
      `InvalidArgument: "a" matches 2 containers: ${A.slice(0, 13)} (default/web/app), ${AB.slice(0, 13)} (default/web/side)`,
    ]);
    assert.match((await resolve("app"))[0] ?? "", /^InvalidArgument: "app" matches 2 containers/);
  });

  it("that several have for a name is told to be given as a path, a prefix to be longer", async () => {
    const containers = [web, other].map(({ id }, index) =>
      fakeContainer({ name: "app", id: `a${index}`.padEnd(64, "0"), podSandboxId: id }),
    );
    const context = contextOf({ containers, pods: [web, other] });
    const hints = (await resolveContainers(context, ["app", "a"])).map((item) =>
      "error" in item ? item.error.hint : undefined,
    );
    assert.match(hints[0] ?? "", /^name it as \S+\/\S+\/app, or by its ID$/);
    assert.equal(hints[1], "give more of the ID");
  });

  it("names at most five candidates", async () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      fakeContainer({ name: `n${index}`, id: `d${index}`.padEnd(64, "0"), podSandboxId: web.id }),
    );
    const [text] = await outcomes(resolveContainers(contextOf({ containers: many }), ["d"]));
    assert.match(text ?? "", /matches 9 containers: .*, 4 more$/);
  });

  it("means the newest of several attempts", async () => {
    const attempts = [1n, 3n, 2n].map((createdAt, index) =>
      fakeContainer({ name: "app", id: `${index}`.repeat(64), createdAt, podSandboxId: web.id }),
    );
    const context = contextOf({ containers: attempts, pods: [web] });
    assert.deepEqual(await outcomes(resolveContainers(context, ["app"])), ["1".repeat(64)]);
  });

  it("means an attempt that runs before a newer one that has not started", async () => {
    const attempts = ([2, 1, 0] as const).map((state, index) =>
      fakeContainer({
        name: "app",
        id: `${index}`.repeat(64),
        createdAt: BigInt(index),
        podSandboxId: web.id,
        state,
      }),
    );
    const ofSome = (...indexes: number[]) =>
      outcomes(
        resolveContainers(
          contextOf({ containers: attempts.filter((_, at) => indexes.includes(at)), pods: [web] }),
          ["app"],
        ),
      );
    assert.deepEqual(await ofSome(0, 1, 2), ["1".repeat(64)]);
    assert.deepEqual(await ofSome(1, 2), ["1".repeat(64)]);
    assert.deepEqual(await ofSome(0, 2), ["2".repeat(64)]);
    assert.deepEqual(await ofSome(0, 1), ["1".repeat(64)]);
  });

  it("knows attempts across sandboxes of one pod by the kubelet's labels", async () => {
    const labels = {
      "io.kubernetes.pod.name": "web",
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": "u",
    };
    const containers = [
      fakeContainer({ name: "app", id: A, createdAt: 1n, podSandboxId: web.id, labels }),
      fakeContainer({ name: "app", id: B, createdAt: 2n, podSandboxId: other.id, labels }),
    ];
    const context = contextOf({ containers });
    assert.deepEqual(await outcomes(resolveContainers(context, ["app", "default/web/app"])), [
      B,
      B,
    ]);
  });

  it("that means nothing is NotFound, with the nearest name as hint", async () => {
    const [item] = await resolveContainers(contextOf(contents), ["sied"]);
    assert.ok(item !== undefined && "error" in item);
    assert.equal(item.error.code, "NotFound");
    assert.equal(item.error.message, 'container "sied" not found');
    assert.equal(item.error.hint, "did you mean side?");
  });

  it("does not spoil the others", async () => {
    const [first, second] = await resolve("nothing-like-it", "side");
    assert.match(first ?? "", /^NotFound/);
    assert.equal(second, AB);
  });
});

describe("a pod reference", () => {
  it("is an ID, a name, namespace/name or a prefix; the newest attempt is meant", async () => {
    const pods = [
      fakePod({ name: "web", id: A, createdAt: 1n }),
      fakePod({ name: "web", id: B, createdAt: 2n }),
      fakePod({ name: "db", id: "c".repeat(64) }),
    ];
    const context = contextOf({ pods });
    assert.deepEqual(await outcomes(resolvePods(context, ["web", "default/db", "a"])), [
      B,
      "c".repeat(64),
      A,
    ]);
  });
});

describe("an image reference", () => {
  const image = fakeImage({
    id: `sha256:${A}`,
    repoTags: ["docker.io/library/busybox:latest", "docker.io/library/busybox:1.36"],
    repoDigests: [`docker.io/library/busybox@sha256:${B}`],
  });
  const second = fakeImage({ id: `sha256:${AB}`, repoTags: ["localhost:5000/me/app:1"] });
  const resolve = (...references: string[]) =>
    outcomes(resolveImages(contextOf({ images: [image, second] }), references));

  it("is found by every spelling of its names and by its ID", async () => {
    const names = ["busybox", "busybox:1.36", "library/busybox", "docker.io/library/busybox", A];
    for (const name of [...names, image.id, image.repoDigests[0] ?? "", "aaa", "sha256:aa"]) {
      assert.deepEqual(await resolve(name), [image.id], name);
    }
    assert.deepEqual(await resolve("localhost:5000/me/app:1"), [second.id]);
  });

  it("is refused where a prefix matches two, and where nothing has that name", async () => {
    assert.match((await resolve("a"))[0] ?? "", /^InvalidArgument: "a" matches 2 images: sha256:/);
    assert.deepEqual(await resolve("busybox:2"), ['NotFound: image "busybox:2" not found']);
  });

  it("keeps a registry with a port apart from a tag", () => {
    assert.deepEqual(spellings("localhost:5000/x"), [
      "localhost:5000/x",
      "localhost:5000/x:latest",
    ]);
    assert.ok(spellings("me/x").includes("docker.io/me/x:latest"));
  });
});
