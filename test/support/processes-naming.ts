import { readdir, readFile } from "node:fs/promises";

export interface FoundProcess {
  pid: number;
  commandLine: string;
}

/**
 * Living processes whose command line names the directory or something below it, this one and
 * its ancestors left out. Zombies have no command line and so are none.
 */
export async function processesNaming(directory: string): Promise<FoundProcess[]> {
  const ancestors = await ownAncestors();
  const found: FoundProcess[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || ancestors.has(pid)) continue;
    const commandLine = (await readText(`/proc/${pid}/cmdline`)).replaceAll("\0", " ").trim();
    if (commandLine.includes(directory)) found.push({ pid, commandLine });
  }
  return found;
}

async function ownAncestors(): Promise<Set<number>> {
  const ancestors = new Set<number>();
  for (let pid = process.pid; pid > 0 && !ancestors.has(pid); ) {
    ancestors.add(pid);
    const stat = await readText(`/proc/${pid}/stat`);
    pid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
  }
  return ancestors;
}

/** Empty where the process ended meanwhile. */
async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
