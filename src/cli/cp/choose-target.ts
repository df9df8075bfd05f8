import { StatusError } from "../../errors/status-error.ts";

/** What is copied, as far as where it comes to lie depends on it. */
export interface Incoming {
  /** Its own name; undefined for the content of a directory. */
  readonly name: string | undefined;
  readonly isDirectory: boolean;
}

/** Where it comes to lie: below the path itself, or in place of it. */
export interface Target {
  readonly below: "path" | "parent";
  /** Undefined where the content lies directly below. */
  readonly name: string | undefined;
}

/**
 * As docker cp: into a directory that is there under its own name, else under the last name of the
 * path. Throws FailedPrecondition for a directory over a file, NotFound for `path/` that is not there.
 */
export function chooseTarget(
  path: string,
  existing: "directory" | "other" | "nothing",
  { name, isDirectory }: Incoming,
): Target {
  if (existing === "directory") return { below: "path", name };
  const wantsDirectory = path.endsWith("/");
  if (existing === "other" && (isDirectory || wantsDirectory)) {
    throw new StatusError("FailedPrecondition", `"${path}" is there and is no directory`);
  }
  if (wantsDirectory && !isDirectory) {
    throw new StatusError("NotFound", `there is no directory "${path}"`);
  }
  return { below: "parent", name: lastName(path) };
}

/** The last name of a path, and the path of the directory that has it. */
export function lastName(path: string): string {
  return path.replace(/\/+$/, "").split("/").at(-1) ?? "";
}

export function parentOf(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  if (slash === -1) return ".";
  return slash === 0 ? "/" : trimmed.slice(0, slash);
}
