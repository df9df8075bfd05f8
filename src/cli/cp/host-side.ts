import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { DirectoryHandle } from "../../host/directory-handle.ts";
import { chooseTarget, type Incoming, lastName, parentOf } from "./choose-target.ts";
import { systemError } from "./copy-failure.ts";
import type { CopySource } from "./copy-source.ts";
import type { Destination } from "./extract-stream.ts";
import type { LossListener } from "./losses.ts";
import { packTree } from "./pack-tree.ts";
import { splitSource, toLatin } from "./parse-place.ts";

/**
 * A file or directory of this host, to be copied. A link is itself copied, unless `follow`. Throws
 * what node:fs throws.
 */
export function openHostSource(
  path: string,
  options: {
    readonly cwd: string;
    readonly follow: boolean;
    readonly asRoot: boolean;
  } & LossListener,
): CopySource {
  const split = splitSource(path);
  const isFollowed = split.name !== undefined && (options.follow || split.isDirectory);
  const place = isFollowed ? realpathSync(resolve(options.cwd, path)) : undefined;
  const directory = DirectoryHandle.at(
    place === undefined ? resolve(options.cwd, split.directory) : parentOf(place),
  );
  const entry = place === undefined ? split.name : lastName(place);
  const bytes = entry === undefined ? undefined : toLatin(entry);
  const stats = bytes === undefined ? directory.ownStats() : directory.stats(bytes);
  if (stats === undefined || (split.isDirectory && !stats.isDirectory())) {
    directory.close();
    throw systemError(stats === undefined ? "ENOENT" : "ENOTDIR");
  }
  return {
    name: split.name,
    isDirectory: stats.isDirectory(),
    archive: (archiveName) =>
      packTree(directory, bytes, {
        archiveName: toLatin(archiveName),
        asRoot: options.asRoot,
        onSkip: options.onSkip,
        onShrink: options.onShrink,
      }),
    close: () => directory.close(),
  };
}

/** Where what comes lies on this host. Links of the host's own are followed. */
export function openHostDestination(word: string, cwd: string, incoming: Incoming): Destination {
  const path = resolve(cwd, word);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isDirectory() && !stats.isFile()) {
    throw new StatusError("FailedPrecondition", `"${word}" is neither a file nor a directory`, {
      hint: "- writes an archive to stdout",
    });
  }
  const existing = stats === undefined ? "nothing" : stats.isDirectory() ? "directory" : "other";
  const target = chooseTarget(word, existing, incoming);
  if (target.below === "path") return { base: DirectoryHandle.at(path), name: target.name };
  // A link to a file: the file is replaced, and the link stays.
  const real = stats === undefined ? path : realpathSync(path);
  return { base: DirectoryHandle.at(parentOf(real)), name: lastName(real) };
}
