import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLiveSource } from "../../../src/cli/complete/live-source.ts";
import { fakeContainer, fakePod } from "../../support/fake-backend.ts";

const pod = fakePod({ name: "shop" });
const web = fakeContainer({ name: "web", podSandboxId: pod.id });
const old = fakeContainer({ name: "weld", podSandboxId: pod.id, state: 2 });

async function complete(prefix: string, before?: string): Promise<readonly string[]> {
  const source = createLiveSource({
    env: {},
    patienceMs: 1000,
    files: async () => [{ text: "FILES" }],
    lists: {
      containers: async () => [web, old],
      pods: async () => [pod],
      images: async () => [],
      handlers: async () => [],
      processOf: async () => undefined,
      listDirectory: async (_id, path) => (path === "/etc/" ? ["hosts", "ssl/"] : undefined),
    },
  });
  const found = await source({ kind: "container-file", prefix, before, given: [] });
  return found.map(({ text, isPartial }) => (isPartial === true ? `${text}+` : text));
}

describe("what cp completes", () => {
  it("is containers that run, with a colon, and paths behind it", async () => {
    assert.deepEqual(await complete("web:/etc/"), ["web:/etc/hosts", "web:/etc/ssl/+"]);
    assert.deepEqual(await complete("default/shop/web:etc/h"), ["default/shop/web:etc/hosts"]);
    assert.deepEqual(await complete("nope:/etc/"), []);
  });

  it("is containers and files of this host where a word may begin both", async () => {
    assert.deepEqual(await complete("we"), ["web:+", "FILES"]);
    assert.deepEqual(await complete(""), ["web:+", "FILES"]);
  });

  it("is a container where a file is copied, and a file where one of a container is", async () => {
    for (const source of ["site.tar", "./a:b", "-"]) {
      assert.deepEqual(await complete("", source), ["web:+"], source);
      assert.deepEqual(await complete("zzz", source), ["FILES"], source);
    }
    assert.deepEqual(await complete("", "web:/etc/hosts"), ["FILES"]);
    assert.deepEqual(await complete("we", "web:/etc/hosts"), ["FILES"]);
  });

  it("is files of this host where no container is meant", async () => {
    for (const prefix of ["./w", "/e", "~/x", "zzz"]) {
      assert.deepEqual(await complete(prefix), ["FILES"], prefix);
    }
  });
});
