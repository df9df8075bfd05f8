import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomHex } from "./random-id.ts";

/**
 * Replaces a file whole: a reader sees the old content or the new, never a part, and a failure
 * leaves the old one and nothing beside it. `durable` also waits for the disk.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { mode?: number; owner?: { uid: number; gid: number }; durable?: boolean } = {},
): Promise<void> {
  const { open, rename, unlink } = await import("node:fs/promises");
  const temporary = join(dirname(path), `.${basename(path)}.${randomHex(6)}.partial`);
  try {
    const file = await open(temporary, "wx", options.mode ?? 0o644);
    try {
      await file.writeFile(data);
      // Before the mode, of which a change of the owner takes bits away.
      if (options.owner !== undefined) await chownIfOther(file, options.owner);
      // The mode of open is subject to the umask.
      if (options.mode !== undefined) await file.chmod(options.mode);
      if (options.durable === true) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

/** Not everybody may give files away: only where it changes anything. */
async function chownIfOther(file: FileHandle, owner: { uid: number; gid: number }): Promise<void> {
  const { uid, gid } = await file.stat();
  if (uid !== owner.uid || gid !== owner.gid) await file.chown(owner.uid, owner.gid);
}
