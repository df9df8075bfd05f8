import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createJsonPrinter } from "../../../../src/cli/logs/json-printer.ts";
import { LineCursor } from "../../../../src/cli/logs/line-cursor.ts";
import { OutputBuffers } from "../../../../src/cli/logs/output-buffers.ts";
import { memoryOutput } from "../../../support/memory-session.ts";

const ORIGIN = { namespace: "default", pod: "web", container: "app" };

async function print(log: Buffer, limitBytes?: number): Promise<string> {
  const chunks: string[] = [];
  const output = new OutputBuffers({ stdout: memoryOutput(chunks), stderr: memoryOutput([]) });
  const printer = createJsonPrinter(output, { limitBytes });
  const cursor = new LineCursor();
  let left = log;
  const read = async (target: Uint8Array) => {
    const count = left.copy(target);
    left = left.subarray(count);
    return count;
  };
  do {
    while (cursor.next()) printer.print(cursor.line, ORIGIN);
  } while (await cursor.fill(read));
  await output.flush();
  return chunks.join("");
}

const entry = (text: string | Buffer, tag = "F") =>
  Buffer.concat([
    Buffer.from(`2026-01-02T03:04:05.1Z stderr ${tag} `),
    Buffer.from(text as string),
    Buffer.from("\n"),
  ]);

describe("a log as objects", () => {
  it("gives any text back", async () => {
    for (const text of [
      "",
      "plain",
      'a "b" \\ c',
      "tab\tand\0nul",
      "ä – 日本 😀",
      "\x1b[31mred",
      "\x7f",
    ]) {
      assert.deepEqual(JSON.parse(await print(entry(text))), {
        time: "2026-01-02T03:04:05.1Z",
        stream: "stderr",
        ...ORIGIN,
        log: text,
      });
    }
  });

  it("is JSON where the log is no text", async () => {
    const { log } = JSON.parse(await print(entry(Buffer.from([97, 0xff, 0xfe, 98]))));
    assert.equal(log, "a\ufffd\ufffdb");
  });

  it("has no time where the line has none", async () => {
    const document = JSON.parse(await print(Buffer.from("odd\n")));
    assert.deepEqual(document, { stream: "stdout", ...ORIGIN, log: "odd" });
  });

  it("tells the pieces of a line that is too long for one object", async () => {
    const text = "x".repeat(3_000_000);
    const documents = (await print(entry(text)))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(documents.map(({ log }) => log).join(""), text);
    assert.deepEqual([documents.length > 1, documents.at(-1).isPart], [true, undefined]);
    assert.ok(documents.slice(0, -1).every(({ isPart }) => isPart === true));
  });

  it("ends before the object that would go over the limit", async () => {
    const one = await print(entry("a"));
    const printed = await print(
      Buffer.concat([entry("a"), entry("b"), entry("c")]),
      one.length * 2 + 5,
    );
    assert.equal(printed.trimEnd().split("\n").length, 2);
  });
});
