/**
 * The room `layers`: a layer's tar stream, from any hand, made into an overlay directory.
 *
 * It owns parsing (ustar, PAX, GNU long names), the layer's tree in memory, the canonical stream that
 * GNU tar gets to see, decompression and the diff ID. GNU tar is no guard and must never meet a byte
 * of a header that others wrote: each is parsed, judged and encoded anew. It refuses `..`, sparse
 * files, and anything that would reach outside the layer's own directory. Implements the image
 * specification's layer.md; knows nothing of images, registries or snapshots.
 *
 * Names are held as latin1 strings, one character per byte, so that any byte survives.
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
