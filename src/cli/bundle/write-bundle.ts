import { lstat, open, unlink } from "node:fs/promises";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";
import { writeFileAtomic } from "../../host/atomic-file.ts";

const MODE = 0o600;

/**
 * FailedPrecondition where something is there that is not to be replaced: any file without `force`,
 * and always what is no plain file, as a device would be gone. Before anything is collected.
 */
export async function refuseExisting(file: string, { force }: { force: boolean }): Promise<void> {
  const present = await lstat(file).catch(() => undefined);
  if (present === undefined) return;
  if (!force) throw existing(file);
  if (present.isFile() || present.isSymbolicLink()) return;
  throw new StatusError("FailedPrecondition", `"${file}" is no file that could be replaced`, {
    hint: "name another file with -o, or - for stdout",
  });
}

/** Writes it for its owner alone; without `force` a file that is there, or a link, stays. */
export async function writeBundle(
  file: string,
  data: Uint8Array,
  { force }: { force: boolean },
): Promise<void> {
  try {
    if (force) await writeFileAtomic(file, data, { mode: MODE });
    else await writeNew(file, data);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw new StatusError("FailedPrecondition", `cannot write "${file}": ${errnoText(error)}`, {
      hint: "name another file with -o",
    });
  }
}

async function writeNew(file: string, data: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", MODE).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? existing(file) : error;
  });
  try {
    await handle.writeFile(data);
  } catch (error) {
    await unlink(file).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

function existing(file: string): StatusError {
  return new StatusError("FailedPrecondition", `"${file}" is there already`, {
    hint: "name another file with -o, or replace it with --force",
  });
}
