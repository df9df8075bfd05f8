import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import { ImageSpec } from "../../../src/cri/gen/runtime/v1/api.ts";
import { renderJson } from "../../../src/output/json.ts";
import { renderYaml } from "../../../src/output/yaml.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
} from "../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web", createdAt: 5n, labels: { app: "web", tier: "front" } });
const image = createMessage(ImageSpec, { image: "busybox" });
const app = fakeContainer({ name: "app", podSandboxId: web.id, createdAt: 90n, image });
const db = fakeContainer({ name: "db", podSandboxId: web.id, createdAt: 100n, image });
const node: FakeContents = { pods: [web], containers: [app, db] };

async function crish(words: readonly string[], contents = node, overrides: Partial<Session> = {}) {
  const { session, out, err } = memorySession(fakeBackend(contents), overrides);
  const status = await runCommand(words, session);
  return { status, out: out(), err: err() };
}

/** Cells of a table that is written for a pipe. */
function cells(text: string): string[][] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s{2,}/));
}

describe("the output of a list", () => {
  it("has the columns that are asked for, in that order, and their titles unless they are not wanted", async () => {
    const { out } = await crish(["ps", "--columns", "name, POD ID,pod"]);
    assert.deepEqual(cells(out), [
      ["NAME", "POD ID", "POD"],
      ["db", web.id.slice(0, 13), "web"],
      ["app", web.id.slice(0, 13), "web"],
    ]);
    const bare = await crish(["ps", "--columns=name", "--no-headers"]);
    assert.equal(bare.out, "db\napp\n");
  });

  it("takes columns from the JSON of an item, also as -o custom-columns", async () => {
    const words = "NAME:.metadata.name,N:{.metadata.attempt},X:.labels['a,b']";
    for (const line of [
      ["--columns", words],
      ["-o", `custom-columns=${words}`],
    ]) {
      const { out } = await crish(["ps", ...line]);
      assert.deepEqual(cells(out)[1], ["db", "0", "<none>"]);
    }
  });

  it("is the same document in JSON and YAML however long it is, written part by part", async () => {
    const containers = Array.from({ length: 250 }, (_, at) =>
      fakeContainer({ name: `c${at}`, labels: { text: "two\nlines\n\n  of: text" }, image }),
    );
    const long: FakeContents = { containers, pods: [web] };
    for (const contents of [long, {}]) {
      const { out } = await crish(["ps", "-o", "json"], contents);
      const document = JSON.parse(out);
      assert.equal(document.containers.length, contents.containers?.length ?? 0);
      assert.equal(out, renderJson(document));
      assert.equal((await crish(["ps", "-o", "yaml"], contents)).out, await renderYaml(document));
      const lines = (await crish(["ps", "-o", "jsonl"], contents)).out.split("\n").slice(0, -1);
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        document.containers,
      );
    }
    const chunks: string[] = [];
    await crish(["ps", "-o", "json"], long, { stdout: memoryOutput(chunks) });
    assert.ok(chunks.length > 2);
  });

  it("is sorted by a column or a path, numbers by value, and turned round by a dash", async () => {
    const names = async (...flags: string[]) =>
      (await crish(["ps", "--columns=name", "--no-headers", ...flags])).out.trim().split("\n");
    assert.deepEqual(await names("--sort-by", "name"), ["app", "db"]);
    assert.deepEqual(await names("--sort-by", "-name"), ["db", "app"]);
    assert.deepEqual(await names("--sort-by", "created"), ["app", "db"]);
    assert.deepEqual(await names("--sort-by", ".createdAt"), ["app", "db"]);
    assert.deepEqual(await names("--sort-by", "-{.metadata.name}"), ["db", "app"]);
    const quiet = await crish(["ps", "-q", "--sort-by", "name"]);
    assert.equal(quiet.out, `${app.id}\n${db.id}\n`);
    const json = await crish(["ps", "-o", "json", "--sort-by", "name"]);
    const { containers } = JSON.parse(json.out) as { containers: { id: string }[] };
    assert.deepEqual(
      containers.map(({ id }) => id),
      [app.id, db.id],
    );
  });

  it("is one document, a line each, the names that verbs take, or what a template makes of it", async () => {
    const lines = (await crish(["ps", "-o", "jsonl"])).out.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { id: string }).id),
      [db.id, app.id],
    );
    assert.equal((await crish(["ps", "-o", "name"])).out, "default/web/db\ndefault/web/app\n");
    assert.equal((await crish(["pods", "-o", "name"])).out, "default/web\n");
    const path = "jsonpath={range .containers[*]}{.metadata.name};{end}";
    assert.equal((await crish(["ps", "-o", path])).out, "db;app;\n");
    const go = ["ps", "-o", "go-template", "--template", "{{len .containers}}"];
    assert.equal((await crish(go)).out, "2\n");
  });

  it("has more columns with -o wide, and images have a row for each tag", async () => {
    assert.ok(cells((await crish(["ps", "-o", "wide"])).out)[0]?.includes("POD UID"));
    const images = [fakeImage({ repoTags: ["a.io/x:1", "a.io/x:2"], size: 2048n })];
    const wide = cells((await crish(["images", "-o", "wide"], { images })).out);
    assert.deepEqual(
      wide.map((row) => row[1]),
      ["TAG", "1", "2"],
    );
    const sorted = await crish(["images", "--sort-by=-tag", "--columns=tag,bytes"], { images });
    assert.deepEqual(cells(sorted.out).slice(1), [
      ["2", "2048"],
      ["1", "2048"],
    ]);
  });

  it("refuses columns and formats that are not there, with the nearest name", async () => {
    const column = await crish(["ps", "--columns", "nam"]);
    assert.deepEqual([column.status, column.out], [2, ""]);
    assert.match(column.err, /no column "nam"[\s\S]*did you mean name/);
    const order = await crish(["pods", "--sort-by", "nope"]);
    assert.equal(order.status, 2);
    assert.match(order.err, /--sort-by: there is no column "nope"[\s\S]*there are pod-id, created/);
    for (const words of [
      ["-o", "xml"],
      ["-o", "jsonpath"],
      ["-o", "jsonpath={.a"],
      ["--template=x"],
      ["-o", "go-template-file=/none"],
      ["--columns="],
    ]) {
      const { status, out } = await crish(["ps", ...words]);
      assert.deepEqual([status, out], [2, ""], words.join(" "));
    }
  });

  it("finds objects by selectors and exact names", async () => {
    const found = async (...flags: string[]) => (await crish(["pods", "-o", "name", ...flags])).out;
    assert.equal(await found("--selector", "app in (web,x),tier"), "default/web\n");
    assert.equal(await found("--label", "app!=web"), "");
    assert.equal(await found("--name", "=we"), "");
    assert.equal(await found("--name", "=web"), "default/web\n");
    assert.equal(await found("--name", "we"), "default/web\n");
  });
});

describe("a list that is watched", () => {
  it("tells on a pipe what came, changed and went, a line of JSON each", async () => {
    const ending = new AbortController();
    const lists = [[app], [app, db], [{ ...app, state: 2 }, db], [db]];
    let look = 0;
    const answers = {
      listContainers: () => {
        const containers = lists[look++];
        if (containers === undefined) ending.abort();
        return { containers: containers ?? [] };
      },
    };
    const words = ["ps", "-a", "-w", "--interval", "1ms"];
    const { status, out } = await crish(words, { ...node, answers }, { signal: ending.signal });
    assert.equal(status, 0);
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } })
      .map(({ type, object }) => `${type} ${object.metadata.name}`);
    assert.deepEqual(events.slice(0, 4), ["ADDED app", "ADDED db", "MODIFIED app", "DELETED app"]);
  });

  it("is a live table on a terminal, which is left as it was", async () => {
    const ending = new AbortController();
    const chunks: string[] = [];
    let looks = 0;
    const answers = {
      listContainers: () => {
        if (++looks === 2) ending.abort();
        return { containers: [app] };
      },
    };
    const stdout = memoryOutput(chunks, { isTty: true, canRedraw: true, columns: () => 120 });
    const overrides = { signal: ending.signal, stdout };
    const { status } = await crish(["ps", "-w", "--interval=1ms"], { ...node, answers }, overrides);
    assert.equal(status, 0);
    const text = chunks.join("");
    assert.ok(text.startsWith("\u001b[?1049h"), text);
    assert.match(text, /NAME[\s\S]*app/);
    assert.ok(text.endsWith("\u001b[?1049l"), text);
  });
});
