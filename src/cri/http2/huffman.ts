import { ERROR } from "./protocol.ts";
import { Violation } from "./violation.ts";

/**
 * The Huffman code of RFC 7541, appendix B. It is canonical: codes of one length count up in the
 * order of their bytes, so the bytes in the order of their codes, and how many there are of each
 * length, say all. The end-of-string symbol is the last code: thirty ones. Both are written out
 * because making them costs a short process a quarter of a millisecond.
 */
const SYMBOLS =
  "012aceiost %-./3456789=A_bdfghlmnpru:BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz&*,;XZ!\"()?'+|#>\x00$@[" +
  "]~^}<`{\\\xc3\xd0\x80\x82\x83\xa2\xb8\xc2\xe0\xe2\x99\xa1\xa7\xac\xb0\xb1\xb3\xd1\xd8\xd9" +
  "\xe3\xe5\xe6\x81\x84\x85\x86\x88\x92\x9a\x9c\xa0\xa3\xa4\xa9\xaa\xad\xb2\xb5\xb9\xba\xbb\xbd" +
  "\xbe\xc4\xc6\xe4\xe8\xe9\x01\x87\x89\x8a\x8b\x8c\x8d\x8f\x93\x95\x96\x97\x98\x9b\x9d\x9e\xa5" +
  "\xa6\xa8\xae\xaf\xb4\xb6\xb7\xbc\xbf\xc5\xe7\xef\x09\x8e\x90\x91\x94\x9f\xab\xce\xd7\xe1\xec" +
  "\xed\xc7\xcf\xea\xeb\xc0\xc1\xc8\xc9\xca\xcd\xd2\xd5\xda\xdb\xee\xf0\xf2\xf3\xff\xcb\xcc\xd3" +
  "\xd4\xd6\xdd\xde\xdf\xf1\xf4\xf5\xf6\xf7\xf8\xfa\xfb\xfc\xfd\xfe\x02\x03\x04\x05\x06\x07\x08" +
  "\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f\xdc\xf9\x0a" +
  "\x0d\x16";

/** By length, from 0 to 30 bits. */
const COUNT: readonly number[] = [
  0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29,
  0, 3,
];

const MIN_LENGTH = 5;
const MAX_LENGTH = 30;

/** By length: its first code, and where its bytes begin in `SYMBOLS`. */
const FIRST: number[] = [];
const START: number[] = [];
for (let length = 0, code = 0, placed = 0; length <= MAX_LENGTH; length++) {
  FIRST.push(code);
  START.push(placed);
  const count = COUNT[length] ?? 0;
  code = (code + count) * 2;
  placed += count;
}

/**
 * The text of a Huffman-coded string, one character per byte. Plain loops: the first `for of` over a
 * typed array costs a Bun executable 0.2 ms and more.
 */
export function huffmanDecode(bytes: Uint8Array): string {
  let text = "";
  let code = 0;
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    for (let shift = 7; shift >= 0; shift--) {
      code = code * 2 + ((byte >>> shift) & 1);
      length++;
      if (length < MIN_LENGTH) continue;
      const offset = code - (FIRST[length] ?? 0);
      if (offset < (COUNT[length] ?? 0)) {
        text += SYMBOLS[(START[length] ?? 0) + offset] ?? "";
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
