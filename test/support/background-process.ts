import { type ChildProcess, spawn } from "node:child_process";
import type { Cleanup } from "./cleanup.ts";

export interface BackgroundProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and error so far, as they came. */
  output(): string;
  /** TERM, after a while KILL; resolves when the process has ended. Idempotent. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** Resolves with the status, 128 and up unknown as -1, when the process ends. */
  readonly ended: Promise<number>;
}

/** Starts a long-running program whose output is kept; the cleanup stops it. */
export function startBackgroundProcess(
  cleanup: Cleanup,
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; detached?: boolean } = {},
): BackgroundProcess {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-KEPT_CHARACTERS);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = new Promise<number>((resolve) => {
    child.on("error", (error) => {
      output += `\n${String(error)}`;
      resolve(-1);
    });
    child.on("exit", (code) => resolve(code ?? -1));
  });
  const stop = async ({ graceMs = 10_000 } = {}): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await ended;
    clearTimeout(timer);
  };
  cleanup.add(`stop ${command}`, () => stop());
  return { child, pid: child.pid ?? -1, output: () => output, stop, ended };
}

const KEPT_CHARACTERS = 200_000;
