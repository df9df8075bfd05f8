import type { Candidate } from "./candidate.ts";
import { containerRoot, type DirectoryEntry, listInside } from "./container-root.ts";
import type { ObjectLists } from "./object-lists.ts";

const PROGRAM_DIRECTORIES = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

/** Lists a directory of the container; undefined where nothing can be told. */
export type ListDirectory = (path: string) => Promise<readonly DirectoryEntry[] | undefined>;

/** The container's directories as this node sees them, else as an `ls` inside it does. */
export async function directoryLister(
  lists: ObjectLists,
  containerId: string,
): Promise<ListDirectory> {
  const pid = await lists.processOf(containerId).catch(() => undefined);
  const root = pid === undefined ? undefined : await containerRoot(pid, containerId);
  if (root !== undefined) return async (path) => await listInside(root, path);
  return async (path) => (await lists.listDirectory(containerId, path))?.map(fromLine);
}

/** What lies in a directory of the container, ending in `/` or empty; a relative one begins at /. */
export async function containerPaths(
  directory: string,
  list: ListDirectory,
): Promise<readonly Candidate[]> {
  const entries = (await list(directory.startsWith("/") ? directory : `/${directory}`)) ?? [];
  return entries
    .filter(({ name }) => name !== "." && name !== "..")
    .map(({ name, isDirectory }) =>
      isDirectory ? { text: `${directory}${name}/`, isPartial: true } : { text: directory + name },
    )
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** Programs on the usual PATH inside the container. */
export async function containerPrograms(list: ListDirectory): Promise<readonly Candidate[]> {
  const found = await Promise.all(
    PROGRAM_DIRECTORIES.map(async (directory) => await list(directory).catch(() => undefined)),
  );
  const names = found
    .flatMap((entries) => entries ?? [])
    .filter(({ isDirectory }) => !isDirectory)
    .map(({ name }) => name);
  return [...new Set(names)].sort().map((text) => ({ text }));
}

/** A line of `ls -1ap`. */
function fromLine(line: string): DirectoryEntry {
  const isDirectory = line.endsWith("/");
  return { name: isDirectory ? line.slice(0, -1) : line, isDirectory };
}
