import { Writable } from "node:stream";

/** A stream that keeps what is written to it, in pieces as they come. */
export function collectBytes(): { stream: Writable; bytes(): Buffer } {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(pieces) };
}
