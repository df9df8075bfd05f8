import { readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Candidate } from "./candidate.ts";

export interface HostFilesOptions {
  readonly cwd: string;
  /** What `~` stands for. */
  readonly home: string | undefined;
}

/** Files of this host that begin so; directories are partial. Hidden ones only for a dot. */
export async function hostFiles(
  prefix: string,
  { cwd, home }: HostFilesOptions,
): Promise<readonly Candidate[]> {
  const slash = prefix.lastIndexOf("/") + 1;
  const typed = prefix.slice(0, slash);
  const beginning = prefix.slice(slash);
  const directory =
    typed.startsWith("~/") && home !== undefined ? home + typed.slice(1) : resolve(cwd, typed);
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const fitting = entries.filter(
      ({ name }) => name.startsWith(beginning) && (beginning !== "" || !name.startsWith(".")),
    );
    const found = await Promise.all(
      fitting.map(async (entry): Promise<Candidate> => {
        const isDirectory =
          entry.isDirectory() ||
          (entry.isSymbolicLink() && (await leadsToDirectory(resolve(directory, entry.name))));
        return isDirectory
          ? { text: `${typed}${entry.name}/`, isPartial: true }
          : { text: typed + entry.name };
      }),
    );
    return found.sort((a, b) => (a.text < b.text ? -1 : 1));
  } catch {
    return [];
  }
}

async function leadsToDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
