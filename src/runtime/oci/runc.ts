import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { randomId } from "../../host/random-id.ts";
import { runProcess } from "../../host/run-process.ts";
import { parseRuntimeError } from "./oci-runtime-error.ts";

/** One OCI runtime and the directory where it keeps its containers. */
export interface Runc {
  readonly path: string;
  /** Its `--root`. */
  readonly root: string;
}

/** The options of runc itself, with its own failures going to a file as JSON. */
export function runcOptions(runc: Runc, logFile: string): string[] {
  return ["--root", runc.root, "--log-format", "json", "--log", logFile];
}

/** A new name for a log of one call; whoever uses it removes it. */
export function runcLogFile(directory: string): string {
  return join(directory, `runc-${randomId().slice(0, 12)}.log`);
}

/** What the log says, empty where nothing was logged. */
export async function readRuncLog(logFile: string): Promise<string> {
  return await readFile(logFile, "utf8").catch(() => "");
}

/**
 * Calls runc with its standard streams away from ours. OciRuntimeError with runc's own reason when
 * it fails.
 */
export async function callRunc(
  runc: Runc,
  args: readonly string[],
  options: { action: string; logDirectory: string; signal?: AbortSignal; input?: string },
): Promise<string> {
  const logFile = runcLogFile(options.logDirectory);
  try {
    const { signal, input } = options;
    const result = await runProcess(runc.path, [...runcOptions(runc, logFile), ...args], {
      ...(signal === undefined ? {} : { signal }),
      ...(input === undefined ? {} : { input }),
    });
    if (result.exitCode === 0) return result.stdout.toString();
    const log = await readRuncLog(logFile);
    throw parseRuntimeError(options.action, log || result.stderr.toString());
  } finally {
    await rm(logFile, { force: true });
  }
}
