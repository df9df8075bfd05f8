/**
 * Who a process is, beyond its number: numbers are used again, and after a reboot all of them are.
 * Recorded with every lock and intent; read from /proc/PID/stat (field 22) and the kernel's boot ID.
 */
import { StatusError } from "../errors/status-error.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which the process started. */
  readonly startTime: number;
  readonly bootId: string;
}

/** The process that asks. */
export function currentProcess(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined) throw new StatusError("Internal", "could not read /proc/self/stat");
  return identity;
}

/** The process with that number, or undefined where none lives. A zombie is dead. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProcessStat(pid);
  if (stat === undefined || stat.state === "Z" || stat.state === "X") return undefined;
  return { pid, startTime: stat.startTime, bootId: readBootId() };
}

/** True while exactly this process lives; a zombie, a later user of the number and an earlier boot are dead. */
export function isAlive(identity: ProcessIdentity): boolean {
  const present = identify(identity.pid);
  return (
    present !== undefined &&
    present.startTime === identity.startTime &&
    present.bootId === identity.bootId
  );
}

/** The kernel's ID of the present boot, which no process outlives: it is read once. */
export function readBootId(): string {
  // Loaded here, as it takes Bun long: this module is in the chunk of the start.
  bootId ??= process
    .getBuiltinModule("node:fs")
    .readFileSync("/proc/sys/kernel/random/boot_id", "latin1")
    .trim();
  return bootId;
}

let bootId: string | undefined;

interface ProcessStat {
  state: string;
  startTime: number;
}

function readProcessStat(pid: number): ProcessStat | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs");
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    // ENOENT and ESRCH: it is gone.
    return undefined;
  }
}

/** Fields 3 and 22 of proc_pid_stat(5). The name in field 2 may hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const startTime = Number(fields[19]);
  if (state === undefined || state === "" || !Number.isSafeInteger(startTime)) return undefined;
  return { state, startTime };
}
