import type { Transform } from "node:stream";
import { StatusError } from "../errors/status-error.ts";

export type Compression = "gzip" | "zstd" | "none";

/** Reads from what the pieces begin with; media types lie more often than magic numbers do. */
export function detectCompression(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) {
    return "zstd";
  }
  return "none";
}

// With zlib's own defaults (16 KiB) the event loop costs more than the decompression.
const CHUNK_BYTES = 256 * 1024;
const READ_AHEAD_BYTES = 2 * 1024 * 1024;

/**
 * Decompresses as bytes arrive, whatever they are compressed with. The source is always read to its
 * end, also where the compressed stream ends before it. InvalidArgument for damaged or cut input.
 */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]();
  const first = await takeStart(pieces);
  if (first.length === 0) return;
  const compression = detectCompression(first);
  const whole = prepend(first, { [Symbol.asyncIterator]: () => pieces });
  if (compression === "none") {
    yield* whole;
    return;
  }
  const decoder = await createDecoder(compression);
  // Failures of the source surface at the end; the decoder only learns that no more will come.
  const feeding = feed(whole, decoder).then(
    () => undefined,
    (error: unknown) => {
      decoder.destroy();
      return { error };
    },
  );
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (cause) {
    const failure = await feeding;
    if (failure !== undefined) throw failure.error;
    throw new StatusError("InvalidArgument", `the ${compression} stream is damaged or cut off`, {
      cause,
    });
  } finally {
    decoder.destroy();
  }
  const failure = await feeding;
  if (failure !== undefined) throw failure.error;
}

async function createDecoder(compression: "gzip" | "zstd"): Promise<Transform> {
  const zlib = await import("node:zlib");
  const options = { chunkSize: CHUNK_BYTES, highWaterMark: READ_AHEAD_BYTES };
  return compression === "gzip"
    ? zlib.createGunzip(options)
    : zlib.createZstdDecompress(options as import("node:zlib").ZstdOptions);
}

async function feed(source: AsyncIterable<Buffer>, decoder: Transform): Promise<void> {
  let isOver = false;
  let wake = () => {};
  decoder.on("drain", () => wake());
  for (const event of ["end", "close", "error"]) {
    decoder.on(event, () => {
      isOver = true;
      wake();
    });
  }
  for await (const chunk of source) {
    // What follows the end of the stream still counts for the digest of the whole.
    if (isOver || decoder.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (isOver || !decoder.writableNeedDrain) resolve();
    });
  }
  if (!isOver) decoder.end();
}

/** As many pieces as it takes to see a magic number. */
async function takeStart(pieces: AsyncIterator<Buffer>): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  while (start.length < 4) {
    const next = await pieces.next();
    if (next.done) break;
    start = start.length === 0 ? next.value : Buffer.concat([start, next.value]);
  }
  return start;
}

async function* prepend(
  first: Buffer,
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  yield* rest;
}
