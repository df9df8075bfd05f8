import { StatusError } from "../errors/status-error.ts";
import { BLOCK_BYTES } from "./tar-entry.ts";

/** One 512-byte header block as it stands, before PAX records are applied. */
export interface TarHeader {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  sizeBytes: number;
  mtimeSeconds: number;
  typeFlag: string;
  linkName: string;
  deviceMajor: number;
  deviceMinor: number;
}

/** Parses the block at the offset; undefined for a block of zeros. InvalidArgument for anything else. */
export function parseTarHeader(buffer: Buffer, offset: number): TarHeader | undefined {
  const sum = checksum(buffer, offset);
  if (sum.isZero) return undefined;
  const recorded = parseNumber(buffer, offset + 148, 8);
  if (recorded !== sum.unsigned && recorded !== sum.signed) {
    throw new StatusError("InvalidArgument", "the archive has a damaged tar header");
  }
  const isUstar = buffer.toString("latin1", offset + 257, offset + 262) === "ustar";
  // GNU's own format has other fields where ustar has the prefix.
  const isPosix = isUstar && buffer[offset + 262] === 0;
  const prefix = isPosix ? parseText(buffer, offset + 345, 155) : "";
  const name = parseText(buffer, offset, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: parseNumber(buffer, offset + 100, 8),
    uid: parseNumber(buffer, offset + 108, 8),
    gid: parseNumber(buffer, offset + 116, 8),
    sizeBytes: parseNumber(buffer, offset + 124, 12),
    mtimeSeconds: parseNumber(buffer, offset + 136, 12),
    typeFlag: String.fromCharCode(buffer[offset + 156] ?? 0),
    linkName: parseText(buffer, offset + 157, 100),
    deviceMajor: isUstar ? parseNumber(buffer, offset + 329, 8) : 0,
    deviceMinor: isUstar ? parseNumber(buffer, offset + 337, 8) : 0,
  };
}

/** Sums the block with its checksum field read as spaces; some old writers summed signed bytes. */
function checksum(buffer: Buffer, offset: number) {
  let unsigned = 0;
  let high = 0;
  for (let index = offset; index < offset + BLOCK_BYTES; index++) {
    const byte = buffer[index] ?? 0;
    unsigned += byte;
    high += byte >> 7;
  }
  const isZero = unsigned === 0;
  for (let index = offset + 148; index < offset + 156; index++) {
    const byte = buffer[index] ?? 0;
    unsigned += 32 - byte;
    high -= byte >> 7;
  }
  return { isZero, unsigned, signed: unsigned - 256 * high };
}

function parseText(buffer: Buffer, offset: number, length: number): string {
  let end = offset;
  while (end < offset + length && buffer[end] !== 0) end++;
  return buffer.toString("latin1", offset, end);
}

/** Octal digits, or base-256 where the first bit is set (GNU, star). */
function parseNumber(buffer: Buffer, offset: number, length: number): number {
  const first = buffer[offset] ?? 0;
  if ((first & 0x80) !== 0) return parseBase256(buffer, offset, length);
  let value = 0;
  let index = offset;
  const end = offset + length;
  while (index < end && buffer[index] === 0x20) index++;
  for (; index < end; index++) {
    const digit = (buffer[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; index < end; index++) {
    const byte = buffer[index];
    if (byte !== 0 && byte !== 0x20) {
      throw new StatusError("InvalidArgument", "the archive has a damaged tar header (a number)");
    }
  }
  return value;
}

function parseBase256(buffer: Buffer, offset: number, length: number): number {
  const first = buffer[offset] ?? 0;
  let value = BigInt(first & 0x3f);
  for (let index = offset + 1; index < offset + length; index++) {
    value = (value << 8n) | BigInt(buffer[index] ?? 0);
  }
  if ((first & 0x40) !== 0) value -= 1n << BigInt(length * 8 - 2);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new StatusError(
      "InvalidArgument",
      "the archive has a tar header with a number too large",
    );
  }
  return number;
}
