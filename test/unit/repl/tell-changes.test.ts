import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Container, Image } from "../../../src/cri/gen/runtime/v1/api.ts";
import { createChangeTeller } from "../../../src/repl/context/tell-changes.ts";
import { createShell } from "../../../src/repl/create-shell.ts";
import { fakeBackend, fakeContainer, fakeImage } from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";
import { waitUntil } from "../../support/wait-until.ts";

const app = fakeContainer({ name: "app", state: 1 });
const db = fakeContainer({ name: "db", state: 1 });
const web = fakeImage({ id: `sha256:${"1".repeat(64)}`, repoTags: ["a.io/web:1"] });

/** A teller over contents that change; `looks` counts how often it has looked. */
function openTeller() {
  const contents: { containers: Container[]; images: Image[] } = {
    containers: [app, db],
    images: [web],
  };
  const node = { looks: 0, reason: "", isGone: false };
  const answers = {
    listContainers: () => {
      node.looks++;
      if (node.isGone) throw new Error("gone");
      return { containers: contents.containers };
    },
    listImages: () => ({ images: contents.images }),
    containerStatus: ({ containerId }: { containerId: string }) => ({
      status: { id: containerId, exitCode: 137, reason: node.reason },
    }),
  };
  const { session } = memorySession(fakeBackend({ answers }));
  const shell = createShell({ session });
  shell.runtime = { name: "fake", line: "fake 1 at fake:", sharesEvents: false };
  const told: string[] = [];
  const print = async (text: string) => {
    told.push(...text.split("\n").map((line) => line.replace(/^\d\d:\d\d:\d\d /, "")));
  };
  const teller = createChangeTeller({ shell, print, lookMs: 1 });
  const anotherLook = async () => {
    const { looks } = node;
    // The second one that begins from now on: the first may have been under way.
    await waitUntil("another look", () => node.looks >= looks + 2);
  };
  return { shell, teller, contents, node, told, anotherLook };
}

const ended = (container: Container): Container => ({ ...container, state: 2 });

describe("what a shell tells while a line is typed", () => {
  it("is containers that end, and why where they had no memory left", async () => {
    const { teller, contents, node, told, anotherLook } = openTeller();
    const rest = teller.whileIdle();
    await anotherLook();
    contents.containers = [ended(app), db];
    await waitUntil("it is told", () => told.length > 0);
    node.reason = "OOMKilled";
    contents.containers = [ended(app), ended(db)];
    await waitUntil("it is told", () => told.length > 1);
    await anotherLook();
    rest();
    assert.deepEqual(told, [
      "container app ended with 137",
      "container db was killed: it had no memory left (exit 137)",
    ]);
  });

  it("is images that come, go and change their names", async () => {
    const { teller, contents, told, anotherLook } = openTeller();
    const rest = teller.whileIdle();
    await anotherLook();
    contents.images = [{ ...web, repoTags: ["a.io/web:1", "a.io/web:2"] }];
    await waitUntil("it is told", () => told.length > 0);
    contents.images = [
      fakeImage({ id: `sha256:${"2".repeat(64)}`, repoTags: ["b.io/x\u001b[2J:1"] }),
    ];
    await waitUntil("it is told", () => told.length > 2);
    rest();
    assert.deepEqual(told, [
      "image 1111111111111 is a.io/web:2 now",
      "image b.io/x\\x1b[2J:1 is new",
      "image a.io/web:1 is gone",
    ]);
  });

  it("is not what the line itself did, but what ended by itself meanwhile", async () => {
    const { teller, contents, told, anotherLook } = openTeller();
    let rest = teller.whileIdle();
    await anotherLook();
    rest();
    contents.containers = [ended(app), db];
    contents.images = [];
    teller.afterLine({ hasDestroyed: true });
    rest = teller.whileIdle();
    await anotherLook();
    rest();
    assert.deepEqual(told, []);
    contents.containers = [ended(app), ended(db)];
    teller.afterLine({ hasDestroyed: false });
    rest = teller.whileIdle();
    await waitUntil("it is told", () => told.length > 0);
    rest();
    assert.deepEqual(told, ["container db ended with 137"]);
  });

  it("is a container that came and ended between two looks, unless the line made it", async () => {
    const { teller, contents, told, anotherLook } = openTeller();
    let rest = teller.whileIdle();
    await anotherLook();
    rest();
    const own = fakeContainer({ name: "own", state: 2 });
    contents.containers = [app, db, own];
    teller.afterLine({ hasDestroyed: false });
    rest = teller.whileIdle();
    await anotherLook();
    contents.containers = [app, db, own, fakeContainer({ name: "brief", state: 2 })];
    await waitUntil("it is told", () => told.length > 0);
    rest();
    assert.deepEqual(told, ["container brief ended with 137"]);
  });

  it("is a few lines at most", async () => {
    const { teller, contents, told, anotherLook } = openTeller();
    const many = Array.from({ length: 40 }, (_, index) =>
      fakeContainer({ name: `c${index}`, state: 1 }),
    );
    contents.containers = many;
    const rest = teller.whileIdle();
    await anotherLook();
    contents.containers = many.map(ended);
    await waitUntil("it is told", () => told.length > 0);
    rest();
    assert.equal(told.length, 6);
    assert.equal(told.at(-1), "and 35 more changes");
  });

  it("is nothing after `set events off`, of another runtime, or while it does not answer", async () => {
    const { shell, teller, contents, node, told, anotherLook } = openTeller();
    const rest = teller.whileIdle();
    await anotherLook();
    shell.runtime = { name: "other", line: "other 2 at other:", sharesEvents: false };
    contents.containers = [ended(app)];
    await anotherLook();
    node.isGone = true;
    await anotherLook();
    node.isGone = false;
    shell.variables.set("events", "off");
    contents.images = [];
    await new Promise((resolve) => setImmediate(resolve));
    rest();
    assert.deepEqual(told, []);
  });
});
