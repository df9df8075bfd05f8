import { createInterface } from "node:readline";
import { PassThrough, type Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { Session } from "../cli/context.ts";

/** What the user did at the prompt. */
export type EditedLine =
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-C: the line is dropped. */
  | { readonly kind: "interrupt"; readonly wasEmpty: boolean }
  /** Ctrl-D on an empty line, the end of the terminal, or the session's end. */
  | { readonly kind: "end" };

export interface LineEditorOptions {
  readonly session: Session;
  readonly prompt: string;
  /** Newest first. */
  readonly history: readonly string[];
  /** Candidates for the text before the cursor, and the part of it that they replace. */
  complete(textBeforeCursor: string): Promise<[string[], string]>;
}

/**
 * Reads one line with editing. The terminal is in raw mode only meanwhile and is restored whatever
 * happens. What was typed or pasted beyond the line goes back to stdin: to the next line, or to
 * the command that reads it.
 */
export async function readLine(options: LineEditorOptions): Promise<EditedLine> {
  const { session } = options;
  if (session.signal.aborted) return { kind: "end" };
  const stdin = session.stdin.stream();
  const keys = new PassThrough();
  const gate = createKeyGate(keys, stdin);
  const editor = createInterface({
    input: keys,
    output: session.stdout.stream(),
    terminal: true,
    prompt: options.prompt,
    history: [...options.history],
    historySize: 1000,
    removeHistoryDuplicates: true,
    escapeCodeTimeout: 100,
    completer: (text: string, done: (error: null, result: [string[], string]) => void) => {
      gate.hold();
      options
        .complete(text)
        .catch((): [string[], string] => [[], text])
        .then((result) => done(null, result))
        // The editor inserts the candidate in a later turn of the event loop.
        .then(() => setImmediate())
        .finally(gate.release);
    },
  });
  const restoreMode = session.stdin.enterRawMode();
  let onData: (chunk: Buffer | string) => void = () => {};
  let onEnd: () => void = () => {};
  try {
    return await new Promise<EditedLine>((resolve) => {
      onData = (chunk) => gate.feed(Buffer.from(chunk as Buffer));
      onEnd = () => resolve({ kind: "end" });
      editor.on("line", (text) => resolve({ kind: "line", text }));
      editor.on("close", onEnd);
      editor.on("SIGINT", () => resolve({ kind: "interrupt", wasEmpty: editor.line === "" }));
      // Stopping from raw mode would leave the user's shell with a raw terminal.
      editor.on("SIGTSTP", () => {});
      session.signal.addEventListener("abort", onEnd);
      stdin.on("end", onEnd);
      stdin.on("error", onEnd);
      stdin.on("data", onData);
      editor.prompt();
      stdin.resume();
    });
  } finally {
    stdin.off("data", onData);
    stdin.off("end", onEnd);
    stdin.off("error", onEnd);
    gate.close();
    session.signal.removeEventListener("abort", onEnd);
    stdin.pause();
    editor.close();
    restoreMode();
    // On Bun, what is written in the same turn as the key that ended the line may be lost.
    await setImmediate();
  }
}

interface KeyGate {
  feed(chunk: Buffer): void;
  /** Nothing more goes through: the editor is busy with a completion. */
  hold(): void;
  release(): void;
  /** Gives back to stdin what has not gone through. */
  close(): void;
}

const INTERRUPT = 3;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const STOPS = [INTERRUPT, TAB, NEWLINE, RETURN];

/**
 * Lets keys through up to what ends a line (Ctrl-C does too), and waits after each Tab for its
 * completion.
 */
function createKeyGate(keys: PassThrough, stdin: Readable): KeyGate {
  let waiting = Buffer.alloc(0);
  let isHeld = false;
  const flow = () => {
    while (!isHeld && waiting.length > 0) {
      const end = waiting.findIndex((byte) => STOPS.includes(byte));
      const size = end < 0 ? waiting.length : end + 1;
      const part = waiting.subarray(0, size);
      waiting = waiting.subarray(size);
      // A line's end closes the gate, a Tab until the next turn, by when its completion holds it.
      isHeld = end >= 0;
      keys.write(part);
      if (part.at(-1) === TAB) void setImmediate().then(afterTab);
    }
  };
  let isCompleting = false;
  const afterTab = () => {
    if (isCompleting) return;
    isHeld = false;
    flow();
  };
  return {
    feed(chunk) {
      waiting = Buffer.concat([waiting, chunk]);
      flow();
    },
    hold() {
      isCompleting = true;
    },
    release() {
      isCompleting = false;
      afterTab();
    },
    close() {
      isHeld = true;
      if (waiting.length > 0) stdin.unshift(waiting);
      waiting = Buffer.alloc(0);
    },
  };
}
