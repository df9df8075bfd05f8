import { lstat, unlink } from "node:fs/promises";
import { logFiles } from "./log-files.ts";

/**
 * Deletes a container's log file and its rotations (`LOG.*`) from this node. Only ordinary files
 * are touched. Resolves to what could not be deleted; a file that is gone is no failure.
 */
export async function deleteLogs(logPath: string): Promise<readonly string[]> {
  const results = await Promise.all((await logFiles(logPath)).map(deleteFile));
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
