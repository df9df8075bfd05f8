import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What processes hold open, counted in /proc. */
export interface ProcessFigures {
  readonly fileDescriptors: number;
  readonly sockets: number;
}

/** Of all those processes together; what has ended meanwhile counts nothing. */
export function readProcessFigures(pids: readonly number[]): ProcessFigures {
  let fileDescriptors = 0;
  let sockets = 0;
  for (const pid of pids) {
    for (const name of listDescriptors(pid)) {
      fileDescriptors++;
      if (targetOf(`/proc/${pid}/fd/${name}`).startsWith("socket:")) sockets++;
    }
  }
  return { fileDescriptors, sockets };
}

/** What the kernel says for no limit, as an unsigned number. */
const UNLIMITED = 2n ** 64n - 1n;

/** The process's soft limit of open files; undefined where it is gone. */
export function readOpenFilesLimit(pid: number): bigint | undefined {
  const text = readText(`/proc/${pid}/limits`);
  const soft = /^Max open files\s+(\S+)/m.exec(text)?.[1];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? UNLIMITED : BigInt(soft);
}

function listDescriptors(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
