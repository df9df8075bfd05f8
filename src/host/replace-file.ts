import { dirname, resolve } from "node:path";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { writeFileAtomic } from "./atomic-file.ts";

/**
 * Gives a file of the user's another content, whole or not at all: its mode and owner stay, and a
 * symbolic link stays one, whose target is replaced. A file that is not there is made with `mode`,
 * and directories above it with 0755. Of an old mode no more than `most` is kept. Throws
 * PermissionDenied and FailedPrecondition.
 */
export async function replaceFile(
  path: string,
  data: string,
  options: { readonly mode: number; readonly most?: number },
): Promise<void> {
  try {
    await replace(path, data, options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StatusError(
      code === "EACCES" || code === "EPERM" ? "PermissionDenied" : "FailedPrecondition",
      `cannot write "${path}": ${errnoText(error)}`,
    );
  }
}

async function replace(
  path: string,
  data: string,
  { mode, most = 0o7777 }: { readonly mode: number; readonly most?: number },
): Promise<void> {
  const { mkdir, stat } = await import("node:fs/promises");
  const target = await followLink(path);
  const old = await stat(target).catch(ifAbsent);
  if (old === undefined) await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await writeFileAtomic(target, data, {
    mode: old === undefined ? mode : old.mode & most,
    ...(old === undefined ? {} : { owner: { uid: old.uid, gid: old.gid } }),
    durable: true,
  });
}

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/** Where the content lies, or will lie: the target of a link need not be there. */
async function followLink(path: string): Promise<string> {
  const { readlink } = await import("node:fs/promises");
  let at = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const target = await readlink(at).catch(() => undefined);
    if (target === undefined) return at;
    at = resolve(dirname(at), target);
  }
  throw Object.assign(new Error("too many symbolic links"), { code: "ELOOP" });
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
