import type { Stats } from "node:fs";
import type { DirectoryHandle } from "../../host/directory-handle.ts";
import { systemError } from "./copy-failure.ts";

/** Where a path leads inside a root. The caller closes the directory. */
export interface Located {
  readonly directory: DirectoryHandle;
  /** Undefined where the directory itself is meant. */
  readonly name: string | undefined;
  /** Of the entry; undefined where there is none. */
  readonly stats: Stats | undefined;
}

const MAX_LINKS = 40;

/**
 * Walks a path as a process would whose root directory that is: links are read and followed by hand,
 * each step through the handle of the one before, and `..` goes back to the handle that was there
 * before. So nobody who changes the tree meanwhile leads the walk out of it. The last name need not
 * be there; a link of that name is followed only with `follow`. Throws what node:fs throws, ENOENT
 * for a directory that is not there.
 */
export function resolveInside(
  root: DirectoryHandle,
  path: string,
  { follow }: { readonly follow: boolean },
): Located {
  const stack: DirectoryHandle[] = [root.duplicate()];
  const pending = partsOf(path).reverse();
  let links = 0;
  let isFound = false;
  try {
    while (true) {
      const name = pending.pop();
      const top = stack.at(-1) ?? root;
      if (name === undefined) {
        isFound = true;
        return { directory: top, name, stats: undefined };
      }
      if (name === "..") {
        if (stack.length > 1) stack.pop()?.close();
        continue;
      }
      const isLast = pending.length === 0;
      const stats = top.stats(name);
      if (stats?.isSymbolicLink() && (!isLast || follow)) {
        links += 1;
        if (links > MAX_LINKS) throw systemError("ELOOP");
        const target = top.target(name);
        if (target.startsWith("/")) while (stack.length > 1) stack.pop()?.close();
        pending.push(...partsOf(target).reverse());
        continue;
      }
      if (isLast) {
        isFound = true;
        return { directory: top, name, stats };
      }
      if (stats === undefined) throw systemError("ENOENT");
      stack.push(top.directory(name));
    }
  } finally {
    // The last one is the caller's.
    for (const handle of stack.splice(0, stack.length - (isFound ? 1 : 0))) handle.close();
  }
}

/** Without what means nothing: empty parts and dots. */
export function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
