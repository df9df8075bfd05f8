import { readSync } from "node:fs";

const AHEAD_BYTES = 64 * 1024;
const MAX_UNSIZED_BYTES = 16 * 1024 * 1024;

/**
 * The content of a file whose size may not be what its file system says: files of /proc have none, and
 * those of /sys a page, whatever is in them. Undefined for a file that is larger, whose size holds.
 * Throws EFBIG for one without a size that does not end.
 */
export function readAhead(fd: number, saidBytes: number): readonly Buffer[] | undefined {
  if (saidBytes > AHEAD_BYTES) return undefined;
  const limitBytes = saidBytes === 0 ? MAX_UNSIZED_BYTES : saidBytes;
  const pieces: Buffer[] = [];
  for (let left = limitBytes; left > 0; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(AHEAD_BYTES, left));
    const length = readSync(fd, piece, 0, piece.length, null);
    if (length === 0) return pieces;
    pieces.push(piece.subarray(0, length));
    left -= length;
  }
  if (saidBytes === 0) {
    const message = `it has no size, and holds more than ${MAX_UNSIZED_BYTES >> 20} MiB`;
    throw Object.assign(new Error(message), { code: "EFBIG" });
  }
  return pieces;
}
