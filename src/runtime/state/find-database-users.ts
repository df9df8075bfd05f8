import { readdirSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { describeProcess } from "../../host/describe-process.ts";
import { sleep } from "../../host/sleep.ts";

export interface DatabaseUser {
  readonly pid: number;
  /** `crish serve`: the program and its verb, never its arguments, which may hold secrets. */
  readonly command: string;
}

/** Between two looks: who has it open in both is no other newcomer that tries the same as we. */
const BETWEEN_LOOKS_MS = 30;

/**
 * The other processes that have the database open, oldest first, as far as this one may see: those
 * of other PID namespaces stay unseen.
 */
export async function findDatabaseUsers(file: string): Promise<readonly DatabaseUser[]> {
  const before = new Set(findHolders(file));
  await sleep(BETWEEN_LOOKS_MS);
  return findHolders(file)
    .filter((pid) => before.has(pid))
    .sort((left, right) => left - right)
    .map((pid) => ({ pid, command: describeProcess(pid) ?? "a process" }));
}

function findHolders(file: string): number[] {
  const wanted = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (wanted === undefined) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) =>
      openFiles(name).some((link) => {
        const found = statIfNamed(link, basename(file));
        return found?.ino === wanted.ino && found.dev === wanted.dev;
      }),
    )
    .map(Number);
}

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  } catch {
    // It has ended, or is not ours to look at.
    return [];
  }
}

/** Only files of that name are asked for more: a lost network file system would never answer. */
function statIfNamed(link: string, name: string) {
  try {
    if (basename(readlinkSync(link)) !== name) return undefined;
    return statSync(link, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
