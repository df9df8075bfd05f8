/** stdin of this very process, opened when it is first read. */
import type { Readable } from "node:stream";
import type { ReadStream } from "node:tty";
import type { InputStream } from "./context.ts";
import { holdRawMode } from "./hold-raw-mode.ts";
import { isTerminal } from "./is-terminal.ts";

export interface ProcessInput extends InputStream {
  release(): void;
  isOpened(): boolean;
  isReopened(): boolean;
}

export function processInput(): ProcessInput {
  const isTty = isTerminal(0);
  let opened: ReadStream | NodeJS.ReadStream | undefined;
  // Ctrl-D ends the stream that a command reads, but not the terminal: the next one reads it anew.
  const open = () => {
    if (opened === undefined) opened = process.stdin;
    else if (isTty && (opened.readableEnded || opened.destroyed)) opened = terminalStream();
    return opened;
  };
  let file: Readable | undefined;
  const stream = () => {
    if (!isTty && opened === undefined) file ??= fileStream();
    return file ?? (open() as unknown as Readable);
  };
  return {
    isTty,
    // A child that inherits the descriptor would not get what is read already.
    get fd() {
      return ((file ?? opened)?.readableLength ?? 0) > 0 ? undefined : 0;
    },
    stream,
    enterRawMode() {
      const stdin = open();
      if (!stdin.isTTY || stdin.isRaw) return () => {};
      // Its end closes it: the mode belongs to the terminal, which any stream of it can set.
      return holdRawMode((isRaw) => (stdin.destroyed ? open() : stdin).setRawMode(isRaw));
    },
    isOpened: () => (file ?? opened) !== undefined,
    isReopened: () => opened !== undefined && opened !== process.stdin,
    release() {
      file?.pause();
      opened?.pause();
      opened?.unref?.();
    },
  };
}

/**
 * What is left of a file, whose beginning somebody else may have read. Bun's own stream would begin at
 * its beginning and leave it all to the next reader.
 */
function fileStream(): Readable | undefined {
  const { createReadStream, fstatSync } = process.getBuiltinModule("node:fs");
  try {
    if (!fstatSync(0).isFile()) return undefined;
  } catch {
    return undefined;
  }
  return createReadStream("", { fd: 0, autoClose: false });
}

function terminalStream(): ReadStream {
  const { ReadStream } = process.getBuiltinModule("node:tty");
  return new ReadStream(0);
}
