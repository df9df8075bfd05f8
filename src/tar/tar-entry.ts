/**
 * The room `tar`: archives as streams of entries, ustar with PAX and GNU's long names.
 *
 * It owns parsing what others wrote, encoding canonically, and decompression. It refuses sparse
 * files, unknown kinds of entries and damaged headers; what names mean and where they may lead is for
 * whoever reads. Names are held as latin1 strings, one character per byte, so that any byte survives.
 */
export interface TarEntry {
  /** As the archive has it, PAX and GNU long names applied. */
  readonly name: string;
  readonly type: TarEntryType;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data that follow; 0 for all but files. */
  readonly sizeBytes: number;
  /** Seconds since the epoch as decimal text, perhaps with a fraction. */
  readonly mtime: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes by name, values as latin1. */
  readonly xattrs: ReadonlyMap<string, string>;
}

export type TarEntryType =
  | "file"
  | "hardlink"
  | "symlink"
  | "character"
  | "block"
  | "directory"
  | "fifo";

export const BLOCK_BYTES = 512;

/** Rounds up to whole blocks. */
export function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}
