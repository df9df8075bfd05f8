import { chmod, chown, lstat, utimes } from "node:fs/promises";
import { copyExtendedAttributes } from "../host/copy-extended-attributes.ts";

/**
 * Gives directories that a layer implies but does not name the mode, owner, times and attributes that
 * they have in the layers below, nearest first (what overlay would show without this layer). One that
 * no layer has keeps what it got. Call in layer order, before the layer is committed.
 */
export async function inheritDirectories(options: {
  /** Paths below the root as latin1, parents first; `.` is the root. */
  directories: readonly string[];
  into: string;
  /** Directories of the layers below, topmost first. */
  lowerDirs: readonly string[];
}): Promise<void> {
  // Children first: setting a child's attributes must not touch the times of its parent again.
  for (const path of options.directories.toReversed()) {
    const lower = await findLower(path, options.lowerDirs);
    if (lower !== undefined) await copyDirectory(lower, bytePath(options.into, path));
  }
}

/** In the topmost layer that has the directory; undefined when one above it hides or replaces it. */
async function findLower(path: string, lowerDirs: readonly string[]): Promise<Buffer | undefined> {
  const parts = path === "." ? [] : path.split("/");
  for (const lower of lowerDirs) {
    let isWhole = true;
    for (let depth = 0; depth <= parts.length && isWhole; depth++) {
      const part = bytePath(lower, parts.slice(0, depth).join("/"));
      const stats = await lstat(part).catch(() => undefined);
      if (stats === undefined) isWhole = false;
      else if (!stats.isDirectory()) return undefined;
    }
    if (isWhole) return bytePath(lower, path);
  }
  return undefined;
}

/** Overlay's own attributes say how two layers meet, not what the directory is: they stay where they are. */
async function copyDirectory(from: Buffer, to: Buffer): Promise<void> {
  const stats = await lstat(from);
  // A change of owner takes the setuid and setgid bits away.
  await chown(to, stats.uid, stats.gid);
  await chmod(to, stats.mode & 0o7777);
  const isOverlay = (name: string) => /^(trusted|user)\.overlay\./.test(name);
  await copyExtendedAttributes(from, to, (name) => !isOverlay(name));
  await utimes(to, stats.atime, stats.mtime);
}

function bytePath(directory: string, below: string): Buffer {
  return Buffer.concat([Buffer.from(directory), Buffer.from(`/${below}`, "latin1")]);
}
