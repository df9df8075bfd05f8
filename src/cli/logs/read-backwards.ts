import { readSync } from "node:fs";

const BLOCK_BYTES = 256 * 1024;
/** Of a longer line only so much of its begin is looked at. */
const HEAD_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * Calls with each line from the last to the first until that returns false: its bytes without the
 * newline (a long line's first ones), and its offset in the file. The last line may lack its newline.
 */
export function visitLinesBackwards(
  fd: number,
  sizeBytes: number,
  visit: (bytes: Buffer, start: number, end: number, offset: number) => boolean,
): void {
  let blockEnd = sizeBytes;
  let rest: Buffer = Buffer.alloc(0);
  while (blockEnd > 0) {
    // A line longer than what was read doubles the next read, so long lines cost linear time.
    const blockStart = Math.max(0, blockEnd - Math.max(BLOCK_BYTES, rest.length));
    const block = Buffer.concat([readExactly(fd, blockStart, blockEnd - blockStart), rest]);
    let lineEnd = block.length;
    for (;;) {
      const newline = lineEnd < 2 ? -1 : block.lastIndexOf(NEWLINE, lineEnd - 2);
      if (newline < 0) break;
      if (!visit(block, newline + 1, withoutNewline(block, lineEnd), blockStart + newline + 1)) {
        return;
      }
      lineEnd = newline + 1;
    }
    rest = block.subarray(0, Math.min(lineEnd, HEAD_BYTES));
    blockEnd = blockStart;
  }
  if (rest.length > 0) visit(rest, 0, withoutNewline(rest, rest.length), 0);
}

function withoutNewline(bytes: Uint8Array, end: number): number {
  return bytes[end - 1] === NEWLINE ? end - 1 : end;
}

/** Fewer bytes at the end of the file. */
export function readExactly(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
