import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { StatusError } from "../errors/status-error.ts";
import { signalTree } from "./signal-tree.ts";
import { spawnProcess } from "./spawn-process.ts";

export interface ShellChildOptions {
  /** What /bin/sh is to do, as typed. */
  readonly text: string;
  /** `$0`, `$1` and so on. */
  readonly parameters: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** A descriptor of this process that the child gets, or a pipe to it. */
  readonly stdio: readonly [number | "pipe", number | "pipe", number | "pipe"];
}

export interface ShellChild {
  /** The pipes, where pipes were wanted. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Its end; what it wrote may still be on its way. Rejects with Internal if it did not start. */
  readonly ended: Promise<ShellEnd>;
  /** Signals the shell and all that descends from it. */
  kill(signal: NodeJS.Signals): void;
}

export interface ShellEnd {
  /** 128 and its number for a signal, as a shell counts. */
  readonly status: number;
  readonly signal: NodeJS.Signals | undefined;
}

/**
 * Starts `/bin/sh -c` in this process's own group and session: the keys of a terminal that end or
 * stop a program reach it and crish alike, as in any job of the user's shell.
 */
export function startShellChild(options: ShellChildOptions): ShellChild {
  const { text, parameters, env, cwd, stdio } = options;
  const child = spawnProcess("/bin/sh", ["-c", text, ...parameters], {
    env,
    cwd,
    stdio: [...stdio],
  });
  const ended = new Promise<ShellEnd>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new StatusError("Internal", 'could not start "/bin/sh"', { cause })),
    );
    child.once("exit", (code, signal) => {
      const number = signal === null ? 0 : (constants.signals[signal] ?? 0);
      resolve({ status: code ?? 128 + number, signal: signal ?? undefined });
    });
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: (signal) => signalTree(child.pid, signal),
  };
}
