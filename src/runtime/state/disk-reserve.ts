import { closeSync, openSync, statfsSync, statSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Of each of the two files, for SQLite makes two beside the database, and inodes may be what is lacking.
 * Together as much as it wants for its log between two checkpoints (1000 pages of 4 KiB), and some more.
 */
const FILE_BYTES = 2 * 1024 * 1024 + 64 * 1024;
const BLOCK_BYTES = 64 * 1024;
/** What opening a database takes beside it. */
const NEEDED_BYTES = 64 * 1024;

/**
 * Space kept for the database of a root. Without it nothing could be listed, stopped or removed on a
 * full disk: SQLite makes files beside the database even to read it.
 */
export interface DiskReserve {
  /** Makes it as large as it is meant to be, or as the disk has space; failing is no error. Idempotent. */
  fill(): void;
  /** Gives its space back to the disk. False where there was none. */
  release(): boolean;
}

export function openDiskReserve(databaseFile: string): DiskReserve {
  const files = [`${databaseFile}-reserve`, `${databaseFile}-reserve2`];
  return {
    fill() {
      for (const file of files) fillFile(file);
    },
    release() {
      let hasFreed = false;
      for (const file of files) if (removeFile(file)) hasFreed = true;
      return hasFreed;
    },
  };
}

/** Whether the file system of the database has no space for what SQLite makes beside it, or no inode. */
export function isDiskFull(databaseFile: string): boolean {
  const { bavail, bsize, files, ffree } = statfsSync(dirname(databaseFile));
  // Some file systems count no inodes.
  return bavail * bsize < NEEDED_BYTES || (files > 0 && ffree === 0);
}

function fillFile(file: string): void {
  const present = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (present >= FILE_BYTES) return;
  try {
    append(file, FILE_BYTES - present);
  } catch {
    // What there is of it stays: a part is better than nothing.
  }
}

function removeFile(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}

function append(file: string, bytes: number): void {
  // Not zeros, which some file systems do not store.
  const block = crypto.getRandomValues(new Uint8Array(BLOCK_BYTES));
  const fd = openSync(file, "a", 0o600);
  try {
    for (let rest = bytes; rest > 0; )
      rest -= writeSync(fd, block, 0, Math.min(rest, block.length));
  } finally {
    closeSync(fd);
  }
}
