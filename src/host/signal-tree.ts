import { readFileSync } from "node:fs";

/**
 * Signals a process and all that descends from it, in whatever group and session that is. The
 * descendants come first: who loses its parent is not found below it any more.
 */
export function signalTree(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    for (const child of children.split(" ")) if (child !== "") signalTree(Number(child), signal);
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
