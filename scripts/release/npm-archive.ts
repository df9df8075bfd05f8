import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execute } from "./execute.ts";

export interface NpmArchive {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity, as in a lockfile. */
  readonly integrity: string;
}

/**
 * The unpacked contents of one package of the npm registry, below `cache`: fetched once, and used
 * only after its integrity was checked. For packages of other platforms, which npm never installs.
 */
export function unpackedArchive(archive: NpmArchive, cache: string): string {
  const { name, version, integrity } = archive;
  // The integrity is part of the name: what lies there was checked against that very value.
  const check = createHash("sha256").update(integrity).digest("hex").slice(0, 16);
  const directory = join(cache, `${name.replace("/", "-")}-${version}-${check}`);
  if (readdirSync(ensured(cache)).includes(directory.slice(cache.length + 1))) return directory;
  const work = mkdtempSync(join(cache, ".fetch-"));
  try {
    execute("npm", ["pack", "--silent", "--ignore-scripts", `${name}@${version}`], { cwd: work });
    const [file] = readdirSync(work);
    if (file === undefined) throw new Error(`npm pack wrote nothing for ${name}@${version}`);
    const path = join(work, file);
    checkIntegrity(path, archive);
    execute("tar", ["-xzf", path, "--no-same-owner", "-C", work]);
    renameInto(join(work, "package"), directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return directory;
}

/** Throws unless the file has the digest that the archive's integrity names. */
function checkIntegrity(path: string, { name, version, integrity }: NpmArchive): void {
  const [algorithm = "", expected] = integrity.split("-", 2);
  const digest = createHash(algorithm).update(readFileSync(path)).digest("base64");
  if (digest !== expected) {
    throw new Error(`${name}@${version} is not what is pinned: ${algorithm}-${digest}`);
  }
}

function ensured(directory: string): string {
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Another process may have put the same contents there meanwhile: those serve as well. */
function renameInto(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
