import { lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";

const MAX_LINKS = 40;
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Where a path of a container lies on the node: symbolic links, absolute ones too, are followed
 * inside the root and never leave it. The last part need not exist. InvalidArgument for a loop.
 */
export function resolveInsideRoot(root: string, path: string): string {
  const pending = path.split("/").reverse();
  const resolved: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      resolved.pop();
      continue;
    }
    const candidate = join(root, ...resolved, part);
    if (statOf(candidate)?.isSymbolicLink() !== true) {
      resolved.push(part);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) {
      throw new StatusError("InvalidArgument", `"${path}" has too many symbolic links`);
    }
    const target = readlinkSync(candidate);
    if (target.startsWith("/")) resolved.length = 0;
    pending.push(...target.split("/").reverse());
  }
  return join(root, ...resolved);
}

/** The text of a regular file inside the root; empty where there is none. */
export function readInsideRoot(root: string, path: string): string {
  const file = resolveInsideRoot(root, path);
  const stats = statOf(file);
  // A fifo or a device in the place of the file would block or flood us.
  if (stats?.isFile() !== true || stats.size > MAX_FILE_BYTES) return "";
  return readFileSync(file, "utf8");
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
