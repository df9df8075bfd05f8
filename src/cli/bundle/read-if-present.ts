import { readFile } from "node:fs/promises";

/** The text of a file, undefined where it cannot be read, whatever the reason. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch(() => undefined);
}
