import type { SpdyHeaders } from "./frame.ts";
import { malformed } from "./malformed.ts";

/** The name/value block before compression (SPDY draft 3, section 2.6.10). */
export function encodeHeaderBlock(headers: SpdyHeaders): Buffer {
  const parts = [uint32(headers.size)];
  for (const [name, value] of headers) parts.push(...lengthAndText(name), ...lengthAndText(value));
  return Buffer.concat(parts);
}

/** Throws Internal for a block that is cut short, too long, or breaks the rules for names. */
export function decodeHeaderBlock(block: Buffer): Map<string, string> {
  const reader = { block, offset: 0 };
  const count = readUint32(reader);
  if (count > MAX_HEADERS) throw malformed(`${count} headers in one block`);
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const name = readText(reader);
    if (name === "" || name !== name.toLowerCase()) {
      throw malformed("header name is empty or not lower case");
    }
    if (headers.has(name)) throw malformed("header name appears twice");
    headers.set(name, readText(reader));
  }
  if (reader.offset !== block.length) throw malformed("bytes after the last header");
  return headers;
}

const MAX_HEADERS = 64;

interface Reader {
  readonly block: Buffer;
  offset: number;
}

function readUint32(reader: Reader): number {
  if (reader.offset + 4 > reader.block.length) throw malformed("header block is cut short");
  const value = reader.block.readUInt32BE(reader.offset);
  reader.offset += 4;
  return value;
}

function readText(reader: Reader): string {
  const length = readUint32(reader);
  const end = reader.offset + length;
  if (end > reader.block.length) throw malformed("header block is cut short");
  const text = reader.block.toString("utf8", reader.offset, end);
  reader.offset = end;
  return text;
}

function lengthAndText(text: string): Buffer[] {
  const bytes = Buffer.from(text, "utf8");
  return [uint32(bytes.length), bytes];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
