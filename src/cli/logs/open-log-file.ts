import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";

/** A log file that stays the same whatever becomes of its name. Reading never waits for long. */
export interface LogFile {
  readonly fd: number;
  readonly path: string;
  stat(): Stats;
  /** Reads at an offset; 0 at the end. */
  read(target: Uint8Array, offset: number): number;
  /** Idempotent. */
  close(): void;
}

/**
 * Undefined where there is no such file. Throws PermissionDenied, FailedPrecondition for what is no
 * file, and Internal where the system refuses.
 */
export function openLogFile(path: string): LogFile | undefined {
  let fd: number;
  try {
    // What is no file must not be waited for.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw refused(path, error as NodeJS.ErrnoException);
  }
  let isClosed = false;
  const file: LogFile = {
    fd,
    path,
    stat: () => fstatSync(fd),
    read(target, offset) {
      try {
        return readSync(fd, target, 0, target.length, offset);
      } catch (error) {
        throw refused(path, error as NodeJS.ErrnoException);
      }
    },
    close() {
      if (!isClosed) closeSync(fd);
      isClosed = true;
    },
  };
  if (file.stat().isFile()) return file;
  file.close();
  throw new StatusError("FailedPrecondition", `the log "${path}" is no file`);
}

function refused(path: string, error: NodeJS.ErrnoException): StatusError {
  const isForbidden = error.code === "EACCES" || error.code === "EPERM";
  return new StatusError(
    isForbidden ? "PermissionDenied" : "Internal",
    `cannot read the log file "${path}": ${errnoText(error)}`,
    isForbidden ? { cause: error, hint: "run as root" } : { cause: error },
  );
}
