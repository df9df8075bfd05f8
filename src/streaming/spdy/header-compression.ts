import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from "./dictionary.ts";
import { malformed } from "./malformed.ts";

/**
 * One zlib stream per direction runs through all header blocks of a session, and every sender
 * flushes it to a byte boundary at the end of a block (Z_SYNC_FLUSH). At such a boundary all that a
 * deflate stream remembers is its last 32 KiB of plain text. So each block is coded on its own with
 * that text as the dictionary: the same bytes as one long stream, without a native object to close
 * and without waiting.
 */
interface Direction {
  /** The last 32 KiB of plain text, at first the SPDY dictionary. */
  window: Buffer;
  started: boolean;
}

const WINDOW_BYTES = 32_768;
const MAX_BLOCK_BYTES = 65_536;
/** Deflate, 32 KiB window, best compression, with a dictionary (RFC 1950). */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);

/** Compresses the blocks of one direction, in their order. */
export function createHeaderCompressor(): (block: Buffer) => Buffer {
  const direction: Direction = { window: SPDY_DICTIONARY, started: false };
  return (block) => {
    const body = deflateRawSync(block, {
      dictionary: direction.window,
      finishFlush: constants.Z_SYNC_FLUSH,
      level: constants.Z_BEST_COMPRESSION,
    });
    const first = !direction.started;
    remember(direction, block);
    return first ? Buffer.concat([ZLIB_HEADER, body]) : body;
  };
}

/** Decompresses the blocks of one direction; throws Internal for bad data and for blocks over 64 KiB. */
export function createHeaderDecompressor(): (compressed: Buffer) => Buffer {
  const direction: Direction = { window: SPDY_DICTIONARY, started: false };
  return (compressed) => {
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
