import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";

/** The paths of a container's log file and of its rotations (`LOG.*`), as far as they are there. */
export async function logFiles(logPath: string): Promise<readonly string[]> {
  if (!isAbsolute(logPath)) return [];
  const directory = dirname(logPath);
  const name = basename(logPath);
  const entries = await readdir(directory).catch(() => []);
  return entries
    .filter((entry) => entry === name || entry.startsWith(`${name}.`))
    .map((entry) => join(directory, entry));
}
