/**
 * The root file system of a container on this node, read through /proc: no tool of the image is
 * needed. Links are followed inside the root, as the container's own processes would follow them:
 * the kernel would resolve an absolute link at the caller's root.
 */
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

const MAX_LINKS = 40;

/**
 * The root of the process, where it is this container's: its cgroup bears the ID. A socket may lead
 * to another PID namespace, in which the same number is another process.
 */
export async function containerRoot(pid: number, containerId: string): Promise<string | undefined> {
  const cgroups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
  return cgroups.includes(containerId) ? `/proc/${pid}/root` : undefined;
}

/** What the directory holds; undefined where it is none. */
export async function listInside(
  root: string,
  path: string,
): Promise<readonly DirectoryEntry[] | undefined> {
  try {
    const directory = await resolveInside(root, path);
    const entries = await readdir(root + directory, { withFileTypes: true });
    return await Promise.all(
      entries.map(async (entry) => ({
        name: entry.name,
        isDirectory:
          entry.isDirectory() ||
          (entry.isSymbolicLink() && (await isDirectoryInside(root, join(directory, entry.name)))),
      })),
    );
  } catch {
    return undefined;
  }
}

async function isDirectoryInside(root: string, path: string): Promise<boolean> {
  try {
    return (await stat(root + (await resolveInside(root, path)))).isDirectory();
  } catch {
    return false;
  }
}

/** The path without links, absolute inside the root. Rejects where there is nothing. */
async function resolveInside(root: string, path: string): Promise<string> {
  const pending = path.split("/").reverse();
  let resolved = "";
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop() ?? "";
    if (part === "" || part === ".") continue;
    if (part === "..") {
      resolved = resolved.slice(0, Math.max(0, resolved.lastIndexOf("/")));
      continue;
    }
    const target = await readlink(`${root}${resolved}/${part}`).catch(notALink);
    if (target === undefined) {
      resolved += `/${part}`;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw new Error("too many links");
    if (target.startsWith("/")) resolved = "";
    pending.push(...target.split("/").reverse());
  }
  return resolved === "" ? "/" : resolved;
}

function notALink(error: NodeJS.ErrnoException): undefined {
  if (error.code === "EINVAL") return undefined;
  throw error;
}
