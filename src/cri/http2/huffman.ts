import type { ByteWriter } from "./byte-writer.ts";
import { ERROR } from "./protocol.ts";
import { Violation } from "./violation.ts";

/**
 * Length of each byte's code, base 36 (RFC 7541, appendix B). The code is canonical: codes of one
 * length count up in the order of their bytes, so the lengths say all. The end-of-string symbol is
 * the last code: thirty ones.
 */
const LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq";

const MIN_LENGTH = 5;
const MAX_LENGTH = 30;

interface Code {
  readonly lengths: Uint8Array;
  /** By byte. */
  readonly codes: Uint32Array;
  /** Bytes in the order of their codes. */
  readonly symbols: Uint8Array;
  /** By length: the first code of it, how many there are, where their bytes begin in `symbols`. */
  readonly first: Uint32Array;
  readonly count: Uint32Array;
  readonly start: Uint32Array;
}

const CODE = buildCode();

/** Plain loops: iterators cost ten times as much in a program that has just started. */
function buildCode(): Code {
  const lengths = new Uint8Array(256);
  const codes = new Uint32Array(256);
  const symbols = new Uint8Array(256);
  const count = new Uint32Array(MAX_LENGTH + 1);
  const first = new Uint32Array(MAX_LENGTH + 1);
  const start = new Uint32Array(MAX_LENGTH + 1);
  for (let byte = 0; byte < 256; byte++) {
    const letter = LENGTHS.charCodeAt(byte);
    const length = letter < 58 ? letter - 48 : letter - 87;
    lengths[byte] = length;
    count[length] = (count[length] ?? 0) + 1;
  }
  for (let length = MIN_LENGTH; length <= MAX_LENGTH; length++) {
    const shorter = count[length - 1] ?? 0;
    first[length] = ((first[length - 1] ?? 0) + shorter) * 2;
    start[length] = (start[length - 1] ?? 0) + shorter;
  }
  const placed = new Uint32Array(MAX_LENGTH + 1);
  for (let byte = 0; byte < 256; byte++) {
    const length = lengths[byte] ?? 0;
    const nth = placed[length] ?? 0;
    placed[length] = nth + 1;
    codes[byte] = (first[length] ?? 0) + nth;
    symbols[(start[length] ?? 0) + nth] = byte;
  }
  return { lengths, codes, symbols, first, count, start };
}

/** The text of a Huffman-coded string, one character per byte. */
export function huffmanDecode(bytes: Uint8Array): string {
  const { symbols, first, count, start } = CODE;
  let text = "";
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let shift = 7; shift >= 0; shift--) {
      code = code * 2 + ((byte >>> shift) & 1);
      length++;
      if (length < MIN_LENGTH) continue;
      const offset = code - (first[length] ?? 0);
      if (offset < (count[length] ?? 0)) {
        text += String.fromCharCode(symbols[(start[length] ?? 0) + offset] ?? 0);
        code = 0;
        length = 0;
      } else if (length === MAX_LENGTH) {
        throw new Violation(ERROR.compression, "a Huffman code that means the end of the string");
      }
    }
  }
  if (length > 7 || code !== 2 ** length - 1) {
    throw new Violation(ERROR.compression, "a Huffman string with a wrong end");
  }
  return text;
}

/** Bytes that the text takes when Huffman-coded. */
export function huffmanLength(text: string): number {
  const { lengths } = CODE;
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += lengths[text.charCodeAt(at) & 0xff] ?? 0;
  return Math.ceil(bits / 8);
}

export function huffmanEncode(text: string, into: ByteWriter): void {
  const { lengths, codes } = CODE;
  let byte = 0;
  let free = 8;
  for (let at = 0; at < text.length; at++) {
    const symbol = text.charCodeAt(at) & 0xff;
    const code = codes[symbol] ?? 0;
    for (let left = lengths[symbol] ?? 0; left > 0; ) {
      const taken = Math.min(left, free);
      left -= taken;
      free -= taken;
      byte |= ((code >>> left) & (2 ** taken - 1)) << free;
      if (free > 0) continue;
      into.u8(byte);
      byte = 0;
      free = 8;
    }
  }
  if (free < 8) into.u8(byte | (2 ** free - 1));
}
