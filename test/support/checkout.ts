import { appendFile, mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runOk } from "./run.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What was fetched from registries and checked; it survives a run. */
export const CACHE = join(ROOT, ".cache");

/** A clone of what is committed here, in `directory`, with the modules and the cache of this checkout. */
export async function cloneCheckout(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await mkdir(CACHE, { recursive: true });
  await runOk("git", ["-c", "safe.directory=*", "clone", "-q", ROOT, directory]);
  for (const name of ["node_modules", ".cache"]) {
    await appendFile(join(directory, ".git/info/exclude"), `${name}\n`);
    await symlink(join(ROOT, name), join(directory, name));
  }
  return directory;
}
