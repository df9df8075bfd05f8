import type { Stats } from "node:fs";
import type { DirectoryHandle } from "../../host/directory-handle.ts";
import { chooseTarget } from "./choose-target.ts";
import type { ContainerSide, WriteOptions } from "./container-side.ts";
import { systemError } from "./copy-failure.ts";
import { extractStream } from "./extract-stream.ts";
import { MountedDirectory } from "./mounted-directory.ts";
import { packTree } from "./pack-tree.ts";
import { fromLatin, splitSource, toLatin } from "./parse-place.ts";
import { type Located, resolveInside } from "./resolve-inside.ts";

/**
 * The files of a container whose root directory is that. No path leads out of it, and what changes it
 * meanwhile is not trusted: every path is walked through handles below it. It is closed with the side.
 */
export function rootSide(root: DirectoryHandle): ContainerSide {
  return {
    async *read(path, { follow, onSkip, onShrink }) {
      const { name, isDirectory } = splitSource(path);
      const found = locate(root, toLatin(path), { follow: follow || isDirectory });
      try {
        requireSource(found, isDirectory);
        const archiveName = name === undefined ? "." : toLatin(name);
        const options = { archiveName, asRoot: false, onSkip, onShrink };
        yield* packTree(found.directory, found.name, options);
      } finally {
        found.directory.close();
      }
    },
    async write(path, source, options) {
      const found = locate(root, toLatin(path), { follow: true });
      try {
        const target = chooseTarget(path, kindOf(found), source);
        const isBelow = target.below === "path";
        // A link in the path may have led to another name.
        const name = isBelow || found.name === undefined ? target.name : fromLatin(found.name);
        await extractStream(source.archive(source.name ?? "."), {
          ...extractOptions(root, options),
          sourceName: source.name,
          choose: () => ({ base: isBelow ? own(found) : found.directory.duplicate(), name }),
        });
      } finally {
        found.directory.close();
      }
    },
    async extract(path, archive, options) {
      const found = locate(root, toLatin(path), { follow: true });
      try {
        requireSource(found, true);
        await extractStream(archive, {
          ...extractOptions(root, { ...options, keepOwners: true }),
          sourceName: undefined,
          choose: () => ({ base: own(found), name: undefined }),
        });
      } finally {
        found.directory.close();
      }
    },
    close: () => root.close(),
  };
}

/** Throws FailedPrecondition for what was mounted and is not to be had. */
function locate(root: DirectoryHandle, path: string, options: { follow: boolean }): Located {
  const found = resolveInside(root, path, options);
  try {
    MountedDirectory.requireThere(found);
    return found;
  } catch (error) {
    found.directory.close();
    throw error;
  }
}

/** In a user namespace the container's root is another user of the node: the one that has its `/`. */
function extractOptions(root: DirectoryHandle, { keepOwners, signal, onSkip }: WriteOptions) {
  const first = root.ownStats();
  return {
    signal,
    onSkip,
    keepsSpecialBits: true,
    owner: ({ uid, gid }: { readonly uid: number; readonly gid: number }) =>
      keepOwners
        ? { uid: first.uid + uid, gid: first.gid + gid }
        : { uid: first.uid, gid: first.gid },
  };
}

/** The directory itself that was found. */
function own({ directory, name }: Located): DirectoryHandle {
  return name === undefined ? directory.duplicate() : directory.directory(name);
}

function kindOf({ name, stats }: Located): "directory" | "other" | "nothing" {
  if (name === undefined) return "directory";
  return kindOfStats(stats);
}

function kindOfStats(stats: Stats | undefined): "directory" | "other" | "nothing" {
  if (stats === undefined) return "nothing";
  return stats.isDirectory() ? "directory" : "other";
}

function requireSource(found: Located, isDirectory: boolean): void {
  const kind = kindOf(found);
  if (kind === "nothing") throw systemError("ENOENT");
  if (isDirectory && kind !== "directory") throw systemError("ENOTDIR");
}
