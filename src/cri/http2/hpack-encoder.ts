import type { ByteWriter } from "./byte-writer.ts";
import { DynamicTable } from "./dynamic-table.ts";
import type { HeaderField } from "./header-field.ts";
import { DEFAULT_TABLE_BYTES } from "./protocol.ts";

/** Values that differ with each call would only push useful fields out of the table. */
const CHANGING = new Set(["grpc-timeout"]);
/** Values that no intermediary may keep. */
const SECRET = new Set(["authorization", "cookie", "proxy-authorization"]);

/**
 * Compresses the blocks of headers that one connection sends, in their order. Strings go as they
 * are: what repeats is sent by its index, and on a local socket Huffman coding costs more than it saves.
 */
export class HpackEncoder {
  readonly #table = new DynamicTable(DEFAULT_TABLE_BYTES);
  #maxBytes = DEFAULT_TABLE_BYTES;
  /** The smallest size since the last block, where the size has changed (RFC 7541, section 4.2). */
  #smallest: number | undefined;

  /** The other side's SETTINGS_HEADER_TABLE_SIZE; more than the default is not used. */
  limitTable(bytes: number): void {
    const size = Math.min(bytes, DEFAULT_TABLE_BYTES);
    if (size === this.#maxBytes && this.#smallest === undefined) return;
    this.#smallest = Math.min(this.#smallest ?? size, size);
    this.#maxBytes = size;
    this.#table.resize(size);
  }

  encode(fields: readonly HeaderField[], into: ByteWriter): void {
    if (this.#smallest !== undefined) {
      if (this.#smallest < this.#maxBytes) writeInteger(into, 0x20, 5, this.#smallest);
      writeInteger(into, 0x20, 5, this.#maxBytes);
      this.#smallest = undefined;
    }
    for (const field of fields) this.#encodeField(field, into);
  }

  #encodeField(field: HeaderField, into: ByteWriter): void {
    const found = this.#table.find(field);
    if (found > 0) {
      writeInteger(into, 0x80, 7, found);
      return;
    }
    const nameIndex = -found;
    if (SECRET.has(field.name)) writeInteger(into, 0x10, 4, nameIndex);
    else if (CHANGING.has(field.name)) writeInteger(into, 0x00, 4, nameIndex);
    else {
      writeInteger(into, 0x40, 6, nameIndex);
      this.#table.add(field);
    }
    if (nameIndex === 0) writeString(into, field.name);
    writeString(into, field.value);
  }
}

/** RFC 7541, section 5.1: a number that begins in the low bits of a byte with the given high bits. */
function writeInteger(into: ByteWriter, highBits: number, prefixBits: number, value: number): void {
  const most = 2 ** prefixBits - 1;
  if (value < most) {
    into.u8(highBits | value);
    return;
  }
  into.u8(highBits | most);
  let rest = value - most;
  while (rest >= 128) {
    into.u8((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  into.u8(rest);
}

function writeString(into: ByteWriter, text: string): void {
  writeInteger(into, 0x00, 7, text.length);
  into.latin1(text);
}
