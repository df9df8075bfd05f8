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
  return {
    isTty,
    // A child that inherits the descriptor would not get what is read already.
    get fd() {
      return opened !== undefined && opened.readableLength > 0 ? undefined : 0;
    },
    stream: () => open() as unknown as Readable,
    enterRawMode() {
      const stdin = open();
      if (!stdin.isTTY || stdin.isRaw) return () => {};
      // Its end closes it: the mode belongs to the terminal, which any stream of it can set.
      return holdRawMode((isRaw) => (stdin.destroyed ? open() : stdin).setRawMode(isRaw));
    },
    isOpened: () => opened !== undefined,
    isReopened: () => opened !== undefined && opened !== process.stdin,
    release() {
      opened?.pause();
      opened?.unref?.();
    },
  };
}

function terminalStream(): ReadStream {
  const { ReadStream } = process.getBuiltinModule("node:tty");
  return new ReadStream(0);
}
