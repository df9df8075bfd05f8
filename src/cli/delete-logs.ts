import { lstat, readdir, unlink } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";

/**
 * Deletes a container's log file and its rotations (`LOG.*`) from this node. Only ordinary files
 * are touched. Resolves to what could not be deleted; a file that is gone is no failure.
 */
export async function deleteLogs(logPath: string): Promise<readonly string[]> {
  if (!isAbsolute(logPath)) return [];
  const directory = dirname(logPath);
  const name = basename(logPath);
  let entries: string[];
  try {
    entries = await readdir(directory);
  } catch {
    return [];
  }
  const logs = entries.filter((entry) => entry === name || entry.startsWith(`${name}.`));
  const results = await Promise.all(logs.map((entry) => deleteFile(join(directory, entry))));
  return results.filter((path) => path !== undefined);
}

async function deleteFile(path: string): Promise<string | undefined> {
  try {
    const facts = await lstat(path);
    if (!facts.isFile() && !facts.isSymbolicLink()) return undefined;
    await unlink(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : path;
  }
}
