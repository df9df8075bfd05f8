import type { Readable } from "node:stream";

/** Leaves bytes to whoever reads the stream next. It must be paused. */
export function giveBack(stdin: Readable, rest: Buffer): void {
  if (rest.length > 0 && !stdin.destroyed && !stdin.readableEnded) stdin.unshift(rest);
}
