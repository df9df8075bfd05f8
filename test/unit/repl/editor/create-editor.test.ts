import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { Session } from "../../../../src/cli/context.ts";
import { createEditor, type InputOptions } from "../../../../src/repl/editor/index.ts";
import { memoryInput, memoryOutput, memorySession } from "../../../support/memory-session.ts";
import { ScreenEmulator } from "../../../support/screen-emulator.ts";
import { waitUntil } from "../../../support/wait-until.ts";

/** A session on a terminal of 40 by 10 that is looked at. */
function terminalSession(signal = new AbortController().signal) {
  const emulator = new ScreenEmulator(40, 10);
  const stdin = new PassThrough();
  const chunks: string[] = [];
  const raw: boolean[] = [];
  const { session } = memorySession(
    async () => {
      throw new Error("no backend");
    },
    {
      signal,
      stdin: memoryInput({
        isTty: true,
        stream: () => stdin,
        enterRawMode: () => {
          raw.push(true);
          return () => void raw.push(false);
        },
      }),
      stdout: memoryOutput(chunks, {
        isTty: true,
        color: true,
        canRedraw: true,
        write: async (chunk) => {
          chunks.push(String(chunk));
          emulator.write(String(chunk));
        },
        async *sizes() {
          yield { columns: 40, rows: 10 };
        },
      }),
    } satisfies Partial<Session>,
  );
  const shows = (line: string) => waitUntil(line, () => emulator.all().at(-1) === line);
  return { session, stdin, emulator, chunks, raw, shows };
}

const OPTIONS: Omit<InputOptions, "session"> = {
  prompt: "$ ",
  continuationPrompt: "> ",
  history: { lines: [], add: async () => {}, refresh() {} },
  complete: async () => ({ candidates: [], start: 0 }),
  highlight: () => [],
  isComplete: () => true,
  lastWord: () => "",
};

describe("an input on a terminal", () => {
  it("is a line, and what was typed beyond it stays with stdin", async () => {
    const { session, stdin, emulator, raw } = terminalSession();
    stdin.write("first\rsecond\rrest");
    const editor = createEditor(session);
    assert.deepEqual(await editor.readInput(OPTIONS), { kind: "line", text: "first" });
    assert.deepEqual(await editor.readInput(OPTIONS), { kind: "line", text: "second" });
    assert.equal(String(stdin.read()), "rest");
    assert.deepEqual(emulator.all(), ["$ first", "$ second"]);
    assert.deepEqual(raw, [true, false, true, false]);
    assert.equal(emulator.modes.has("?2004"), false);
  });

  it("survives whatever colours, completeness and candidates it asks for", async () => {
    const { session, stdin, raw } = terminalSession();
    const fail = () => {
      throw new Error("planted");
    };
    const options = { ...OPTIONS, highlight: fail, isComplete: fail, complete: fail };
    stdin.write("first\t\r");
    const editor = createEditor(session);
    assert.deepEqual(await editor.readInput(options), { kind: "line", text: "first" });
    assert.deepEqual(raw, [true, false]);
  });

  it("ends at Ctrl-C, Ctrl-D, the terminal's end and the session's end, the terminal restored", async () => {
    const aborted = new AbortController();
    for (const [end, kind] of [
      [({ stdin }) => stdin.write("half\x03"), "interrupt"],
      [({ stdin }) => stdin.write("\x04"), "end"],
      [({ stdin }) => stdin.end(), "end"],
      [() => aborted.abort(), "end"],
    ] as const satisfies readonly (readonly [
      (terminal: ReturnType<typeof terminalSession>) => unknown,
      string,
    ])[]) {
      const terminal = terminalSession(aborted.signal);
      const input = createEditor(terminal.session).readInput(OPTIONS);
      await terminal.shows("$");
      end(terminal);
      assert.equal((await input).kind, kind);
      assert.deepEqual(terminal.raw, [true, false]);
      assert.equal(terminal.emulator.modes.size, 0);
    }
  });

  it("goes on taking keys while a completion does not answer, and drops what comes too late", async () => {
    const { session, stdin, shows, emulator } = terminalSession();
    const answer = Promise.withResolvers<Awaited<ReturnType<InputOptions["complete"]>>>();
    const input = createEditor(session).readInput({ ...OPTIONS, complete: () => answer.promise });
    await shows("$");
    stdin.write("p\ts -a");
    await shows("$ ps -a");
    answer.resolve({ candidates: [{ text: "pods " }], start: 0 });
    stdin.write("x\r");
    assert.deepEqual(await input, { kind: "line", text: "ps -ax" });
    assert.deepEqual(emulator.all(), ["$ ps -ax"]);
  });

  it("lets keys that came with a Tab wait for a quick answer", async () => {
    const { session, stdin } = terminalSession();
    const complete = async (text: string) => ({ candidates: [{ text: `${text}ods ` }], start: 0 });
    const input = createEditor(session).readInput({ ...OPTIONS, complete });
    stdin.write("p\t-q\r");
    assert.deepEqual(await input, { kind: "line", text: "pods -q" });
  });

  it("lives on where a completion fails", async () => {
    const { session, stdin } = terminalSession();
    const complete = () => Promise.reject(new Error("no runtime"));
    const input = createEditor(session).readInput({ ...OPTIONS, complete });
    stdin.write("p\ts\r");
    assert.deepEqual(await input, { kind: "line", text: "ps" });
  });

  it("writes once for all keys that come at once", async () => {
    const { session, stdin, chunks, shows } = terminalSession();
    const input = createEditor(session).readInput(OPTIONS);
    await shows("$");
    const before = chunks.length;
    stdin.write("abc\x1b[D\x1b[D\x7fxyz\x01");
    await shows("$ xyzbc");
    assert.equal(chunks.length - before, 1);
    stdin.write("\r");
    await input;
  });

  it("prints above what is typed, and at once where nothing is", async () => {
    const { session, stdin, emulator, shows } = terminalSession();
    const editor = createEditor(session);
    await editor.printAbove("before");
    const input = editor.readInput(OPTIONS);
    stdin.write("half");
    await shows("$ half");
    await editor.printAbove("web ended\nwith 1");
    assert.deepEqual(emulator.all(), ["before", "web ended", "with 1", "$ half"]);
    stdin.write("\r");
    assert.deepEqual(await input, { kind: "line", text: "half" });
  });

  it("begins a new line where output has not ended its own", async () => {
    const { session, stdin, emulator } = terminalSession();
    await session.stdout.write("no newline");
    stdin.write("x\r");
    await createEditor(session).readInput(OPTIONS);
    assert.deepEqual(emulator.all(), ["no newline%", "$ x"]);
  });

  it("reads a document of a megabyte up to Ctrl-D, and rejects at Ctrl-C", async () => {
    const { session, stdin } = terminalSession();
    const editor = createEditor(session);
    const text = "key: value\n".repeat(100_000);
    stdin.write(`\x1b[200~${text.replaceAll("\n", "\r")}\x1b[201~\x04`);
    assert.equal(await editor.readDocument(session, "document:\n"), text);
    stdin.write("half\x03");
    await assert.rejects(editor.readDocument(session, ""), { code: "Cancelled" });
  });
});
