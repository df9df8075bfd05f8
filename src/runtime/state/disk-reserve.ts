import { closeSync, openSync, statfsSync, statSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** As much as SQLite wants for its log between two checkpoints (1000 pages of 4 KiB), and some more. */
const RESERVE_BYTES = 4 * 1024 * 1024 + 128 * 1024;
const BLOCK_BYTES = 128 * 1024;
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
  const file = `${databaseFile}-reserve`;
  return {
    fill() {
      const present = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (present >= RESERVE_BYTES) return;
      try {
        append(file, RESERVE_BYTES - present);
      } catch {
        // What there is of it stays: a part is better than nothing.
      }
    },
    release() {
      const present = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (present === 0) return false;
      try {
        unlinkSync(file);
      } catch {
        return false;
      }
      return true;
    },
  };
}

/** Whether the file system of the database has no space for what SQLite makes beside it, or no inode. */
export function isDiskFull(databaseFile: string): boolean {
  const { bavail, bsize, files, ffree } = statfsSync(dirname(databaseFile));
  // Some file systems count no inodes.
  return bavail * bsize < NEEDED_BYTES || (files > 0 && ffree === 0);
}

function append(file: string, bytes: number): void {
  // Not zeros, which some file systems do not store.
  const block = new Uint8Array(BLOCK_BYTES);
  for (let start = 0; start < block.length; start += 65_536) {
    crypto.getRandomValues(block.subarray(start, start + 65_536));
  }
  const fd = openSync(file, "a", 0o600);
  try {
    for (let rest = bytes; rest > 0; )
      rest -= writeSync(fd, block, 0, Math.min(rest, block.length));
  } finally {
    closeSync(fd);
  }
}
