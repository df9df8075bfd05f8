import { access, constants, readdir, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Candidate } from "./candidate.ts";

/** Programs of this host that begin so; none for an empty beginning, where they would be thousands. */
export async function hostPrograms(
  prefix: string,
  path: string | undefined,
): Promise<readonly Candidate[]> {
  if (prefix === "") return [];
  const directories = (path ?? "").split(delimiter).filter((each) => each.startsWith("/"));
  const found = await Promise.all(directories.map((each) => programsIn(each, prefix)));
  return [...new Set(found.flat())].sort().map((text) => ({ text }));
}

async function programsIn(directory: string, prefix: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(directory)).filter((name) => name.startsWith(prefix));
    const isProgram = await Promise.all(names.map((name) => canRun(join(directory, name))));
    return names.filter((_, index) => isProgram[index]);
  } catch {
    return [];
  }
}

async function canRun(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
