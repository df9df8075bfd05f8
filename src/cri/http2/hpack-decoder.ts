import { DynamicTable } from "./dynamic-table.ts";
import { fieldSize, type HeaderField } from "./header-field.ts";
import { huffmanDecode } from "./huffman.ts";
import { DEFAULT_TABLE_BYTES, ERROR } from "./protocol.ts";
import { Violation } from "./violation.ts";

/** No number in a block means anything beyond this; longer ones are attempts to overflow. */
const MAX_INTEGER = 2 ** 24;

/**
 * Reads the blocks of headers that one connection receives, in their order: also those that nobody
 * wants, because each changes the table that the next is read with. Throws Violation.
 */
export class HpackDecoder {
  readonly #table = new DynamicTable(DEFAULT_TABLE_BYTES);
  readonly #maxListBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** A few bytes can stand for a list of any size, so that size has a limit of its own. */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  decode(block: Uint8Array): readonly HeaderField[] {
    this.#bytes = block;
    this.#at = 0;
    const fields: HeaderField[] = [];
    let listBytes = 0;
    while (this.#at < block.length) {
      const field = this.#readField(fields.length > 0);
      if (field === undefined) continue;
      listBytes += fieldSize(field);
      if (listBytes > this.#maxListBytes) {
        throw new Violation(
          ERROR.enhanceYourCalm,
          `more than ${this.#maxListBytes} bytes of headers`,
        );
      }
      fields.push(field);
    }
    return fields;
  }

  /** Undefined for what only changes the size of the table. */
  #readField(hasFields: boolean): HeaderField | undefined {
    const first = this.#bytes[this.#at] ?? 0;
    if (first >= 0x80) return this.#indexed(this.#readInteger(7));
    if (first >= 0x40) {
      const field = this.#readLiteral(6);
      this.#table.add(field);
      return field;
    }
    if (first < 0x20) return this.#readLiteral(4);
    if (hasFields) throw malformed("a change of the table's size after a field");
    const size = this.#readInteger(5);
    if (size > DEFAULT_TABLE_BYTES) throw malformed("a table larger than was allowed");
    this.#table.resize(size);
    return undefined;
  }

  #readLiteral(prefixBits: number): HeaderField {
    const index = this.#readInteger(prefixBits);
    const name = index === 0 ? this.#readString() : this.#indexed(index).name;
    return { name, value: this.#readString() };
  }

  #indexed(index: number): HeaderField {
    const field = index === 0 ? undefined : this.#table.at(index);
    if (field === undefined) throw malformed(`an index of no field (${index})`);
    return field;
  }

  #readInteger(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = this.#readByte() & most;
    if (value < most) return value;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#readByte();
      value += (byte & 0x7f) * unit;
      // The second limit ends an endless row of zeros.
      if (value > MAX_INTEGER || unit > MAX_INTEGER) throw malformed("a number too large");
      if (byte < 0x80) return value;
    }
  }

  #readString(): string {
    const isCoded = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#readInteger(7);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed("a string beyond the end of its block");
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return isCoded ? huffmanDecode(bytes) : latin1(bytes);
  }

  #readByte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw malformed("a block that ends too early");
    return byte;
  }
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

function malformed(what: string): Violation {
  return new Violation(ERROR.compression, `headers with ${what}`);
}
