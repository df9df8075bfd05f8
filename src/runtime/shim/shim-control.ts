import { closeSync, constants, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";
import type { ShimFiles } from "./shim-files.ts";

const REOPEN_DEADLINE_MS = 5_000;
const POLL_MS = 5;

/**
 * Has the shim close its log and open the path anew. Does nothing while the path is still the file
 * that it writes, which it would truncate. FailedPrecondition without the directory (the shim would
 * end) or without a shim.
 */
export async function reopenLog(
  files: ShimFiles,
  options: { shimPid: number; logPath: string; signal?: AbortSignal },
): Promise<void> {
  const { logPath, shimPid } = options;
  if (isOpenIn(shimPid, logPath)) return;
  if (statOf(dirname(logPath))?.isDirectory() !== true) {
    throw new StatusError("FailedPrecondition", `there is no directory "${dirname(logPath)}"`);
  }
  sendControl(files, "2 0 0\n");
  const deadline = performance.now() + REOPEN_DEADLINE_MS;
  while (!isOpenIn(shimPid, logPath)) {
    if (performance.now() > deadline) {
      throw new StatusError("DeadlineExceeded", `the log "${logPath}" was not reopened`);
    }
    await sleep(POLL_MS, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** The size of the container's terminal. FailedPrecondition without a shim. */
export function resizeTerminal(files: ShimFiles, size: { rows: number; columns: number }): void {
  sendControl(files, `1 ${size.rows} ${size.columns}\n`);
}

function sendControl(files: ShimFiles, message: string): void {
  let descriptor: number;
  try {
    // Without O_NONBLOCK the open would wait for a reader that no longer lives.
    descriptor = openSync(files.control, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new StatusError("FailedPrecondition", "the container's shim does not answer", { cause });
  }
  try {
    writeSync(descriptor, message);
  } finally {
    closeSync(descriptor);
  }
}

function isOpenIn(pid: number, path: string): boolean {
  const wanted = statOf(path);
  if (wanted === undefined) return false;
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const open = statOf(`/proc/${pid}/fd/${descriptor}`);
      return open !== undefined && open.ino === wanted.ino && open.dev === wanted.dev;
    });
  } catch {
    return false;
  }
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
