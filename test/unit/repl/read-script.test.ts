import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readScript } from "../../../src/repl/read-script.ts";

async function commandsOf(...chunks: string[]): Promise<[number, string][]> {
  const commands: [number, string][] = [];
  for await (const { line, text } of readScript(chunksOf(chunks))) commands.push([line, text]);
  return commands;
}

async function* chunksOf(chunks: readonly string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe("reading a script", () => {
  it("takes one command a line and leaves out empty lines and comments", async () => {
    const commands = await commandsOf("# first\n\nversion\n  \nps -a # all\n");
    assert.deepEqual(commands, [
      [3, "version"],
      [5, "ps -a # all"],
    ]);
  });

  it("goes on with the next line after a backslash, and counts from the first", async () => {
    assert.deepEqual(await commandsOf("ps \\\n-a\npods"), [
      [1, "ps \\\n-a"],
      [3, "pods"],
    ]);
  });

  it("goes on with the next line inside quotes", async () => {
    assert.deepEqual(await commandsOf("exec c sh -c 'a\n# b'\n"), [[1, "exec c sh -c 'a\n# b'"]]);
  });

  it("does not go on after a comment that ends in a backslash", async () => {
    assert.deepEqual(await commandsOf("# a \\\nps\n"), [[2, "ps"]]);
  });

  it("reads across chunks, with the line ends of other systems and without a last one", async () => {
    assert.deepEqual(await commandsOf("p", "s\r", "\npo", "ds"), [
      [1, "ps"],
      [2, "pods"],
    ]);
    const [first = 0, second = 0] = Buffer.from("é");
    const halves = (async function* () {
      yield Buffer.from([first]);
      yield Buffer.from([second, 10]);
    })();
    for await (const { text } of readScript(halves)) assert.equal(text, "é");
  });

  it("refuses a script that ends inside a quote, naming its line", async () => {
    await assert.rejects(commandsOf("ps\nexec 'c\n"), /line 2: the quote ' is not closed/);
  });
});
