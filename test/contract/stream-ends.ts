import { Readable, Writable } from "node:stream";

/** A writable end that keeps what it is given. */
export interface Collector extends Writable {
  bytes(): Buffer;
  text(): string;
}

/** `onData` is called after each chunk is kept. */
export function collector(onData: () => void = () => {}): Collector {
  const chunks: Buffer[] = [];
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
      onData();
    },
  });
  const bytes = (): Buffer => Buffer.concat(chunks);
  return Object.assign(writable, { bytes, text: () => bytes().toString("utf8") });
}

/** An input that stays open and gives nothing, as a terminal at which nobody types. */
export function unread(): Readable {
  return new Readable({ read() {} });
}
