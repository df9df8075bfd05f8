import { readdir, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { unmount } from "./unmount.ts";

/** Unmounts and removes every file of the directory, then the directory. Idempotent. */
export async function unpinNamespaces(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    const file = join(directory, name);
    // More than once where a failed attempt has bound a file over a bound file.
    while (await unmount(file, { detach: true })) {}
    await unlink(file);
  }
  await rm(directory, { recursive: true, force: true });
}
