import type { ChildProcess } from "node:child_process";
import { StatusError } from "../../errors/status-error.ts";
import { spawnProcess } from "../../host/spawn-process.ts";

const STDERR_LIMIT_BYTES = 16 * 1024;

/** GNU tar extracting into a directory what is written to it. */
export interface TarProcess {
  /** Resolves when tar can take more. Bytes for a tar that has ended are dropped: `finish` tells why. */
  write(chunks: readonly Buffer[]): Promise<void>;
  /** Ends the input and waits. ResourceExhausted on a full disk, Internal for other failures. */
  finish(): Promise<void>;
  /** Kills and waits. Idempotent; does nothing after finish. */
  kill(): Promise<void>;
}

/**
 * The stream must be one that LayerRewriter has made: with -P tar believes every name. Modes of
 * directories are set at the end, so that later entries below them do not change their times.
 */
export function startTar(directory: string): TarProcess {
  const child = spawnProcess(
    "tar",
    [
      "--extract",
      "--file=-",
      "--blocking-factor=256",
      `--directory=${directory}`,
      "--absolute-names",
      "--preserve-permissions",
      "--same-owner",
      "--numeric-owner",
      "--delay-directory-restore",
      "--xattrs",
      "--xattrs-include=*",
      "--warning=no-timestamp",
    ],
    {
      stdio: ["pipe", "ignore", "pipe"],
      // TAR_OPTIONS of the caller must not reach it.
      env: { LC_ALL: "C", ...(process.env.PATH === undefined ? {} : { PATH: process.env.PATH }) },
    },
  );
  const ended = waitForEnd(child, directory);
  ended.catch(() => {});
  let isOver = false;
  const over = ended.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  child.stdin?.on("error", () => {});
  return {
    async write(chunks) {
      for (const chunk of chunks) {
        if (isOver || child.stdin === null || child.stdin.destroyed) return;
        if (!child.stdin.write(chunk)) await Promise.race([drained(child.stdin), over]);
      }
    },
    async finish() {
      child.stdin?.end();
      await ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await over;
    },
  };
}

function drained(stdin: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stdin.off("drain", settle);
      stdin.off("close", settle);
      resolve();
    };
    stdin.on("drain", settle);
    stdin.on("close", settle);
  });
}

async function waitForEnd(child: ChildProcess, directory: string): Promise<void> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    if (stderr.length < STDERR_LIMIT_BYTES) stderr += chunk.toString("utf8");
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new StatusError("Internal", `could not start "tar"`, { cause })),
    );
    child.once("close", resolve);
  });
  if (exitCode === 0) return;
  const reason = stderr.split("\n").find((line) => line !== "") ?? "it was killed";
  // The last write to a disk that fills up is only short: tar then names no errno.
  if (/No space left on device|Disk quota exceeded|Wrote only \d+ of/.test(stderr)) {
    throw new StatusError("ResourceExhausted", `no space left to unpack into "${directory}"`);
  }
  throw new StatusError("Internal", `tar could not unpack into "${directory}": ${reason}`);
}
