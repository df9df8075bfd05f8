import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from "./dictionary.ts";
import { malformed } from "./malformed.ts";
import { SYNC_FLUSH, ZLIB_START } from "./zlib-bytes.ts";

const MAX_BLOCK_BYTES = 65_536;
const STORED_BYTES = 65_535;

/**
 * Puts the blocks of one direction into its zlib stream, in their order. They are stored as they are
 * (RFC 1951, section 3.2.4): a session has a handful of small ones, and to load zlib for them takes
 * longer than to send them.
 */
export function createHeaderCompressor(): (block: Buffer) => Buffer {
  let started = false;
  return (block) => {
    const parts: Buffer[] = started ? [] : [Buffer.from(ZLIB_START, "latin1")];
    started = true;
    for (let at = 0; at < block.length; at += STORED_BYTES) {
      const stored = block.subarray(at, at + STORED_BYTES);
      const header = Buffer.alloc(5);
      header.writeUInt16LE(stored.length, 1);
      header.writeUInt16LE(stored.length ^ 0xffff, 3);
      parts.push(header, stored);
    }
    return Buffer.concat([...parts, Buffer.from(SYNC_FLUSH, "latin1")]);
  };
}

/**
 * One zlib stream runs through all header blocks of a direction, and every sender flushes it to a
 * byte boundary at the end of a block (Z_SYNC_FLUSH). At such a boundary all that a deflate stream
 * remembers is its last 32 KiB of plain text. So each block is decoded on its own with that text as
 * the dictionary: the same as one long stream, without a native object to close and without waiting.
 */
interface Direction {
  /** The last 32 KiB of plain text, at first the SPDY dictionary. */
  window: Buffer;
  started: boolean;
}

const WINDOW_BYTES = 32_768;

/** Decompresses the blocks of one direction; throws Internal for bad data and for blocks over 64 KiB. */
export function createHeaderDecompressor(): (compressed: Buffer) => Buffer {
  const direction: Direction = { window: SPDY_DICTIONARY, started: false };
  return (compressed) => {
    // Loaded when the first answer comes, which is while the command starts.
    const { constants, inflateRawSync } = process.getBuiltinModule("node:zlib");
    const body = direction.started ? compressed : withoutZlibHeader(compressed);
    let block: Buffer;
    try {
      block = inflateRawSync(body, {
        dictionary: direction.window,
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MAX_BLOCK_BYTES,
      });
    } catch (cause) {
      throw malformed("header block does not decompress", cause);
    }
    remember(direction, block);
    return block;
  };
}

function remember(direction: Direction, block: Buffer): void {
  direction.started = true;
  direction.window = Buffer.concat([direction.window, block]).subarray(-WINDOW_BYTES);
}

/** Two bytes of header, and the dictionary's name where the sender used it (RFC 1950). */
function withoutZlibHeader(compressed: Buffer): Buffer {
  if (compressed.length < 2) throw malformed("header block is cut short");
  const header = compressed.readUInt16BE(0);
  const isDeflate = (compressed.readUInt8(0) & 0x0f) === 8;
  if (!isDeflate || header % 31 !== 0) throw malformed("header block is not zlib");
  if ((header & 0x20) === 0) return compressed.subarray(2);
  if (compressed.length < 6 || compressed.readUInt32BE(2) !== SPDY_DICTIONARY_ID) {
    throw malformed("header block was compressed with another dictionary");
  }
  return compressed.subarray(6);
}
