import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A log file that was put aside when it had grown: its lines stand before those of newer ones. */
export interface RotatedLog {
  readonly path: string;
  readonly isCompressed: boolean;
}

/** The kubelet's `0.log.20260131-120000`, and Docker's `ID-json.log.1`; both with .gz or without. */
const ROTATED = /^\.(\d{8}-\d{6}|\d{1,6})(\.gz)?$/;

/**
 * The rotated files of a log, the oldest first. They lie beside the file that the path leads to: a
 * kubelet's links in /var/log/containers, and Docker's in /var/log/pods, have none of their own.
 * None where the directory cannot be read.
 */
export async function listRotatedLogs(path: string): Promise<readonly RotatedLog[]> {
  const target = await realpath(path).catch(() => path);
  const directory = dirname(target);
  const names = await readdir(directory).catch(() => []);
  const found = new Map<string, RotatedLog>();
  for (const name of names) {
    if (!name.startsWith(basename(target))) continue;
    const match = ROTATED.exec(name.slice(basename(target).length));
    const [, mark, compressed] = match ?? [];
    if (mark === undefined) continue;
    const isCompressed = compressed !== undefined;
    // While a file is being compressed both are there.
    if (isCompressed && found.has(mark)) continue;
    found.set(mark, { path: join(directory, name), isCompressed });
  }
  return [...found].sort(([left], [right]) => byAge(left, right)).map(([, file]) => file);
}

/** Times rise with the age of the log, numbers fall. */
function byAge(left: string, right: string): number {
  const isTime = (mark: string) => mark.includes("-");
  if (isTime(left) && isTime(right)) return left < right ? -1 : 1;
  if (isTime(left) !== isTime(right)) return isTime(left) ? -1 : 1;
  return Number(right) - Number(left);
}
