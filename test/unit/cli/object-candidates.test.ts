import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  imageCandidates,
  namedContainers,
  namedPods,
  objectCandidates,
} from "../../../src/cli/complete/object-candidates.ts";
import { fakeContainer, fakeImage, fakePod, idFrom } from "../../support/fake-backend.ts";

const pods = [fakePod({ name: "shop" }), fakePod({ name: "blog", state: 1 })];
const inShop = { podSandboxId: idFrom("shop") };
const inBlog = { podSandboxId: idFrom("blog") };
const containers = namedContainers(
  [
    fakeContainer({ name: "web", ...inShop, id: `a1${idFrom("x")}`.slice(0, 64) }),
    fakeContainer({ name: "db", ...inShop, state: 2, createdAt: 5n }),
    fakeContainer({ name: "db", ...inShop, id: `b2${idFrom("y")}`.slice(0, 64), state: 2 }),
    fakeContainer({ name: "sidecar", ...inShop, id: "c".repeat(64) }),
    fakeContainer({ name: "sidecar", ...inBlog, id: "d".repeat(64), state: 2 }),
  ],
  pods,
);

function textsFor(prefix: string, more: { given?: string[]; states?: string[] } = {}): string[] {
  const found = objectCandidates(containers, { prefix, given: [], states: undefined, ...more });
  return [...new Set(found.map(({ text }) => text).filter((text) => text.startsWith(prefix)))];
}

describe("names that completion offers", () => {
  it("are plain where one object has them, and paths where several do", () => {
    assert.deepEqual(textsFor("").toSorted(), [
      "db",
      "default/blog/sidecar",
      "default/shop/sidecar",
      "web",
    ]);
  });

  it("begin with the newest object", () => assert.equal(textsFor("")[0], "db"));

  it("are plain once something of them is typed", () => {
    assert.deepEqual(textsFor("si"), ["sidecar"]);
  });

  it("are IDs once a digit is typed, short first", () => {
    assert.deepEqual(textsFor("a1"), [`a1${idFrom("x")}`.slice(0, 13)]);
    const long = `a1${idFrom("x")}`.slice(0, 20);
    assert.deepEqual(textsFor(long), [`a1${idFrom("x")}`.slice(0, 64)]);
  });

  it("are namespaces where no name fits, and what lies in them", () => {
    assert.deepEqual(textsFor("def"), ["default/"]);
    assert.deepEqual(textsFor("default/b"), ["default/blog/sidecar"]);
  });

  it("are those of objects in a state that counts, and others where none fits", () => {
    assert.deepEqual(textsFor("", { states: ["running"] }).toSorted(), [
      "default/shop/sidecar",
      "web",
    ]);
    assert.deepEqual(textsFor("d", { states: ["running"] }), ["db", "d".repeat(13)]);
  });

  it("are not those of objects that are given", () => {
    assert.deepEqual(textsFor("", { given: ["web", "default/shop/sidecar"] }).toSorted(), [
      "db",
      "default/blog/sidecar",
    ]);
  });

  it("tell state and place beside them", () => {
    const [ready] = objectCandidates(namedPods(pods), {
      prefix: "sh",
      given: [],
      states: undefined,
    });
    assert.deepEqual(ready, { text: "shop", note: "ready, default" });
  });
});

describe("images that completion offers", () => {
  const images = [
    fakeImage({ id: `sha256:${"e".repeat(64)}`, repoTags: ["docker.io/library/busybox:1.36"] }),
    fakeImage({
      id: `sha256:${"f".repeat(64)}`,
      repoTags: ["r.example:5000/a/b:v1"],
      repoDigests: [`r.example:5000/a/b@sha256:${"9".repeat(64)}`],
    }),
    fakeImage({ id: `sha256:${"7".repeat(64)}`, repoTags: [] }),
  ];
  const offered = (prefix: string, given: string[] = []) =>
    imageCandidates(images, { prefix, given })
      .map(({ text }) => text)
      .filter((text) => text.startsWith(prefix));

  const cases: readonly [title: string, prefix: string, expected: string[]][] = [
    [
      "are short, with the ID of one without a tag",
      "",
      ["busybox:1.36", "r.example:5000/a/b:v1", "7".repeat(13)],
    ],
    ["are full where they are typed so", "docker.io/", ["docker.io/library/busybox:1.36"]],
    ["are IDs once a digit is typed", "eee", ["e".repeat(13)]],
    ["are IDs with their algorithm", "sha256:f", [`sha256:${"f".repeat(64)}`]],
    [
      "are digests behind @",
      "r.example:5000/a/b@",
      [`r.example:5000/a/b@sha256:${"9".repeat(64)}`],
    ],
  ];
  for (const [title, prefix, expected] of cases) {
    it(title, () => assert.deepEqual([...new Set(offered(prefix))], expected));
  }

  it("are not those that are given", () => {
    assert.deepEqual(offered("", ["busybox:1.36", "777"]), ["r.example:5000/a/b:v1"]);
  });
});
