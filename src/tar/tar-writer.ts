import { formatPaxRecords } from "./pax-records.ts";
import { BLOCK_BYTES, paddedBytes, type TarEntry, type TarEntryType } from "./tar-entry.ts";

const SLAB_BYTES = 256 * 1024;
/** Pieces of data from this size on are handed over as they are; smaller ones are gathered. */
const DIRECT_BYTES = 64 * 1024;

const TYPE_FLAGS: Readonly<Record<TarEntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Encodes entries canonically (ustar, PAX where that does not suffice) and gathers them into large chunks. */
export class TarWriter {
  #chunks: Buffer[] = [];
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  #position = 0;
  #paddingBytes = 0;

  writeHeader(entry: TarEntry): void {
    const records = paxRecords(entry);
    if (records.length > 0) {
      const body = Buffer.from(formatPaxRecords(records), "latin1");
      this.#encodeHeader({ ...PAX_HEADER, sizeBytes: body.length }, "x");
      this.#append(body);
      this.#pad(paddedBytes(body.length) - body.length);
    }
    this.#encodeHeader(entry, TYPE_FLAGS[entry.type]);
    this.#paddingBytes = paddedBytes(entry.sizeBytes) - entry.sizeBytes;
  }

  writeData(data: Buffer): void {
    if (data.length < DIRECT_BYTES) {
      this.#append(data);
      return;
    }
    this.#cut();
    this.#chunks.push(data);
  }

  endData(): void {
    this.#pad(this.#paddingBytes);
    this.#paddingBytes = 0;
  }

  /** The end-of-archive mark. */
  end(): void {
    this.#pad(2 * BLOCK_BYTES);
  }

  /** What has been gathered; hands it over. A short rest may stay for the next call unless `all`. */
  take(all = false): Buffer[] {
    if (all || this.#chunks.length > 0) this.#cut();
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #append(data: Buffer): void {
    let offset = 0;
    while (offset < data.length) {
      this.#makeRoom(1);
      const length = Math.min(SLAB_BYTES - this.#position, data.length - offset);
      data.copy(this.#slab, this.#position, offset, offset + length);
      this.#position += length;
      offset += length;
    }
  }

  #pad(length: number): void {
    if (length === 0) return;
    this.#makeRoom(length);
    this.#slab.fill(0, this.#position, this.#position + length);
    this.#position += length;
  }

  #encodeHeader(entry: TarEntry, typeFlag: string): void {
    this.#makeRoom(BLOCK_BYTES);
    encodeHeader(this.#slab, this.#position, entry, typeFlag);
    this.#position += BLOCK_BYTES;
  }

  #makeRoom(length: number): void {
    if (SLAB_BYTES - this.#position >= length) return;
    this.#cut();
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#start = 0;
    this.#position = 0;
  }

  #cut(): void {
    if (this.#position > this.#start) {
      this.#chunks.push(this.#slab.subarray(this.#start, this.#position));
    }
    this.#start = this.#position;
  }
}

const PAX_HEADER: TarEntry = {
  name: "pax",
  type: "file",
  linkName: "",
  mode: 0,
  uid: 0,
  gid: 0,
  sizeBytes: 0,
  mtime: "0",
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: new Map(),
};

/** What the ustar block cannot hold. */
function paxRecords(entry: TarEntry): [string, string][] {
  const records: [string, string][] = [];
  if (entry.name.length > 100) records.push(["path", entry.name]);
  if (entry.linkName.length > 100) records.push(["linkpath", entry.linkName]);
  if (entry.mtime.includes(".")) records.push(["mtime", entry.mtime]);
  for (const [name, value] of entry.xattrs) records.push([`SCHILY.xattr.${name}`, value]);
  return records;
}

function encodeHeader(block: Buffer, at: number, entry: TarEntry, typeFlag: string): void {
  block.fill(0, at, at + BLOCK_BYTES);
  block.write(entry.name.slice(0, 100), at, "latin1");
  writeNumber(block, at + 100, 8, entry.mode);
  writeNumber(block, at + 108, 8, entry.uid);
  writeNumber(block, at + 116, 8, entry.gid);
  writeNumber(block, at + 124, 12, entry.sizeBytes);
  writeNumber(block, at + 136, 12, Math.floor(Number(entry.mtime)));
  block.write(typeFlag, at + 156, "latin1");
  block.write(entry.linkName.slice(0, 100), at + 157, "latin1");
  block.write("ustar\x0000", at + 257, "latin1");
  if (entry.type === "character" || entry.type === "block") {
    writeNumber(block, at + 329, 8, entry.deviceMajor);
    writeNumber(block, at + 337, 8, entry.deviceMinor);
  }
  let sum = 8 * 32;
  for (let index = at; index < at + BLOCK_BYTES; index++) sum += block[index] ?? 0;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148, "latin1");
}

/** Octal where it fits, else base-256, which GNU tar reads. */
function writeNumber(block: Buffer, at: number, length: number, value: number): void {
  if (value >= 0 && value < 8 ** (length - 1)) {
    block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
    return;
  }
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  for (let index = at + length - 1; index >= at; index--) {
    block[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[at] = value < 0 ? 0xff : 0x80 | (block[at] ?? 0);
}
