import { StatusError } from "../errors/status-error.ts";
import { buildTarEntry } from "./build-tar-entry.ts";
import { parsePaxRecords } from "./pax-records.ts";
import { BLOCK_BYTES, paddedBytes, type TarEntry } from "./tar-entry.ts";
import { parseTarHeader, type TarHeader } from "./tar-header.ts";

/** Whoever takes the entries. Called synchronously, in archive order. */
export interface TarVisitor {
  onEntry(entry: TarEntry): void;
  /** Data of the last entry, in pieces of any size that follow each other without gap. */
  onData(data: Buffer): void;
  /** All data of the last entry has been handed over. */
  onEntryEnd(): void;
}

/** Longest extension (PAX header, GNU long name) taken: more than any file system can store. */
const EXTENSION_LIMIT_BYTES = 1 << 20;

/**
 * Reads a tar stream pushed in pieces of any size. Keeps at most one block and one extension in
 * memory. What follows the end-of-archive mark is ignored.
 */
export class TarReader {
  readonly #visitor: TarVisitor;
  /** An unfinished block from earlier pieces. */
  readonly #partial = Buffer.alloc(BLOCK_BYTES);
  #partialBytes = 0;
  #dataLeft = 0;
  #paddingLeft = 0;
  #extension: { header: TarHeader; pieces: Buffer[] } | undefined;
  #inEntry = false;
  #ended = false;
  #globalPax: ReadonlyMap<string, string> = new Map();
  #pax: ReadonlyMap<string, string> | undefined;
  #gnuLongName: string | undefined;
  #gnuLongLink: string | undefined;

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  /** Throws InvalidArgument for a malformed archive; the reader is of no use afterwards. */
  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length && !this.#ended) {
      if (this.#dataLeft > 0) offset += this.#takeData(chunk, offset);
      else if (this.#paddingLeft > 0) offset += this.#skipPadding(chunk, offset);
      else offset += this.#takeHeader(chunk, offset);
    }
  }

  /** Call at the end of the stream: throws where it ends within an entry. */
  end(): void {
    const isWhole =
      this.#ended ||
      (this.#partialBytes === 0 &&
        this.#dataLeft === 0 &&
        this.#paddingLeft === 0 &&
        !this.#hasExtension());
    if (!isWhole) throw new StatusError("InvalidArgument", "the archive ends within an entry");
  }

  #takeData(chunk: Buffer, offset: number): number {
    const length = Math.min(this.#dataLeft, chunk.length - offset);
    const data = chunk.subarray(offset, offset + length);
    this.#dataLeft -= length;
    if (this.#extension === undefined) this.#visitor.onData(data);
    else this.#extension.pieces.push(Buffer.from(data));
    if (this.#dataLeft === 0) this.#endData();
    return length;
  }

  #endData(): void {
    if (this.#extension !== undefined) {
      this.#takeExtension(this.#extension.header, Buffer.concat(this.#extension.pieces));
      this.#extension = undefined;
    } else if (this.#inEntry) {
      this.#inEntry = false;
      this.#visitor.onEntryEnd();
    }
  }

  #skipPadding(chunk: Buffer, offset: number): number {
    const length = Math.min(this.#paddingLeft, chunk.length - offset);
    this.#paddingLeft -= length;
    return length;
  }

  #takeHeader(chunk: Buffer, offset: number): number {
    const available = chunk.length - offset;
    if (this.#partialBytes === 0 && available >= BLOCK_BYTES) {
      this.#onHeader(parseTarHeader(chunk, offset));
      return BLOCK_BYTES;
    }
    const length = Math.min(BLOCK_BYTES - this.#partialBytes, available);
    chunk.copy(this.#partial, this.#partialBytes, offset, offset + length);
    this.#partialBytes += length;
    if (this.#partialBytes === BLOCK_BYTES) {
      this.#partialBytes = 0;
      this.#onHeader(parseTarHeader(this.#partial, 0));
    }
    return length;
  }

  #onHeader(header: TarHeader | undefined): void {
    if (header === undefined) {
      this.#ended = true;
      if (this.#hasExtension()) throw new StatusError("InvalidArgument", "the archive ends early");
      return;
    }
    if (header.sizeBytes < 0) {
      throw new StatusError("InvalidArgument", "the archive has an entry of negative size");
    }
    if ("xgLK".includes(header.typeFlag)) this.#beginExtension(header);
    else this.#beginEntry(header);
    if (this.#dataLeft === 0) this.#endData();
  }

  #beginExtension(header: TarHeader): void {
    if (header.sizeBytes > EXTENSION_LIMIT_BYTES) {
      throw new StatusError(
        "InvalidArgument",
        `the archive has an extended header of ${header.sizeBytes} bytes (at most ${EXTENSION_LIMIT_BYTES})`,
      );
    }
    this.#extension = { header, pieces: [] };
    this.#expect(header.sizeBytes);
  }

  #takeExtension(header: TarHeader, data: Buffer): void {
    switch (header.typeFlag) {
      case "x":
        this.#pax = new Map([...this.#globalPax, ...parsePaxRecords(data)]);
        break;
      case "g":
        this.#globalPax = new Map([...this.#globalPax, ...parsePaxRecords(data)]);
        break;
      case "L":
        this.#gnuLongName = untilNul(data);
        break;
      default:
        this.#gnuLongLink = untilNul(data);
    }
  }

  #beginEntry(header: TarHeader): void {
    const entry = buildTarEntry(header, {
      pax: this.#pax ?? this.#globalPax,
      gnuLongName: this.#gnuLongName,
      gnuLongLink: this.#gnuLongLink,
    });
    this.#pax = undefined;
    this.#gnuLongName = undefined;
    this.#gnuLongLink = undefined;
    this.#inEntry = true;
    this.#expect(entry.sizeBytes);
    this.#visitor.onEntry(entry);
  }

  #expect(sizeBytes: number): void {
    this.#dataLeft = sizeBytes;
    this.#paddingLeft = paddedBytes(sizeBytes) - sizeBytes;
  }

  #hasExtension(): boolean {
    return (
      this.#extension !== undefined ||
      this.#pax !== undefined ||
      this.#gnuLongName !== undefined ||
      this.#gnuLongLink !== undefined
    );
  }
}

function untilNul(data: Buffer): string {
  const end = data.indexOf(0);
  return data.toString("latin1", 0, end < 0 ? data.length : end);
}
