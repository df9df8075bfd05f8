import { spawn } from "node:child_process";

export interface RunOptions {
  input?: string | Uint8Array;
  /** Replaces the whole environment. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** After this the child is killed and the call rejects. */
  timeoutMs?: number;
  uid?: number;
  gid?: number;
}

export interface RunResult {
  /** Exit status; 128+n where a signal ended it. */
  status: number;
  stdout: string;
  stderr: string;
  /** Standard output as it came. */
  bytes: Buffer;
}

/** Runs a program to its end. Any status resolves; a missing program or a timeout rejects. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      const tail = `${Buffer.concat(stdout)}${Buffer.concat(stderr)}`.slice(-2000);
      reject(new Error(`${command} ${args.join(" ")}: no end after ${timeoutMs} ms: ${tail}`));
    }, timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const bytes = Buffer.concat(stdout);
      resolve({
        status: code ?? 128 + signalNumber(signal),
        stdout: bytes.toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
        bytes,
      });
    });
    child.stdin.on("error", () => {}); // a child that ends without reading its input
    child.stdin.end(options.input ?? "");
  });
}

/** Like `run`, but any status other than 0 rejects with what the program wrote. */
export async function runOk(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.status !== 0) {
    throw new Error(
      `${command} ${args.join(" ")}: status ${result.status}: ${result.stdout}${result.stderr}`,
    );
  }
  return result;
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return signal === null ? 0 : (numbers[signal] ?? 0);
}
