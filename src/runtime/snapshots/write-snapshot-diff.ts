import type { BigIntStats } from "node:fs";
import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { runProcess } from "../../host/run-process.ts";
import type { Engine } from "../engine.ts";
import { findSnapshotRow, layerDirectory } from "./snapshot-store.ts";

/**
 * What a container has changed against its image, into `rootfs-diff.tar` in that directory, and the
 * names of what it has removed into `deleted.files`, as JSON. NotFound for an unknown snapshot.
 */
export async function writeSnapshotDiff(
  engine: Engine,
  key: string,
  options: { readonly directory: string; readonly signal?: AbortSignal },
): Promise<void> {
  const { directory, ...wait } = options;
  const snapshot = engine.database.read((db) => findSnapshotRow(db, key));
  if (snapshot === undefined) throw new StatusError("NotFound", `no snapshot "${key}"`);
  const layer = layerDirectory(engine.paths, snapshot.number);
  const changed: string[] = [];
  const deleted: string[] = [];
  await collect(layer, "", { changed, deleted });
  await writeFile(join(directory, "deleted.files"), JSON.stringify(deleted));
  const { exitCode, stderr } = await runProcess(
    "tar",
    [
      "--create",
      `--file=${join(directory, "rootfs-diff.tar")}`,
      `--directory=${layer}`,
      "--numeric-owner",
      "--xattrs",
      "--xattrs-include=*",
      "--xattrs-exclude=trusted.overlay.*",
      "--no-recursion",
      "--null",
      "--verbatim-files-from",
      "--files-from=-",
    ],
    { input: changed.map((name) => `${name}\0`).join(""), ...wait },
  );
  // 1: a file changed or went while it was read, which the running container may do.
  if (exitCode === 0 || exitCode === 1) return;
  throw new StatusError("Internal", `cannot read what "${key}" has changed on disk`, {
    cause: new Error(stderr.toString().trim()),
  });
}

async function collect(
  layer: string,
  directory: string,
  found: { readonly changed: string[]; readonly deleted: string[] },
): Promise<void> {
  const names = await readdir(join(layer, directory)).catch((): string[] => []);
  for (const name of names.sort()) {
    const path = join(directory, name);
    const facts = await lstat(join(layer, path), { bigint: true }).catch(() => undefined);
    if (facts === undefined) continue;
    if (isWhiteout(facts)) {
      found.deleted.push(`/${path}`);
      continue;
    }
    found.changed.push(path);
    if (facts.isDirectory()) await collect(layer, path, found);
  }
}

/** How overlay marks a name that is gone: the character device 0/0. */
function isWhiteout(facts: BigIntStats): boolean {
  return facts.isCharacterDevice() && facts.rdev === 0n;
}
