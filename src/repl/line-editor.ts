import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
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
      options.complete(text).then(
        (result) => done(null, result),
        () => done(null, [[], text]),
      );
    },
  });
  const restoreMode = session.stdin.enterRawMode();
  let onData: (chunk: Buffer | string) => void = () => {};
  let onEnd: () => void = () => {};
  try {
    return await new Promise<EditedLine>((resolve) => {
      onData = (chunk) => feedOneLine(Buffer.from(chunk as Buffer), keys, stdin);
      onEnd = () => resolve({ kind: "end" });
      editor.on("line", (text) => resolve({ kind: "line", text }));
      editor.on("close", onEnd);
      editor.on("SIGINT", () => resolve({ kind: "interrupt", wasEmpty: editor.line === "" }));
      // Stopping from raw mode would leave the user's shell with a raw terminal.
      editor.on("SIGTSTP", () => {});
      session.signal.addEventListener("abort", onEnd);
      stdin.on("end", onEnd);
      stdin.on("data", onData);
      editor.prompt();
      stdin.resume();
    });
  } finally {
    stdin.off("data", onData);
    stdin.off("end", onEnd);
    session.signal.removeEventListener("abort", onEnd);
    stdin.pause();
    editor.close();
    restoreMode();
  }
}

/** Hands over all up to the first end of a line; the rest is put back. */
function feedOneLine(chunk: Buffer, keys: PassThrough, stdin: NodeJS.ReadableStream): void {
  const end = chunk.findIndex((byte) => byte === 13 || byte === 10) + 1;
  if (end === 0 || end === chunk.length) {
    keys.write(chunk);
    return;
  }
  stdin.pause();
  stdin.unshift(chunk.subarray(end));
  keys.write(chunk.subarray(0, end));
}
