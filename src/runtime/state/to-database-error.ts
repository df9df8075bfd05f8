import { accessSync, constants } from "node:fs";
import { StatusError } from "../../errors/status-error.ts";
import { isDiskFull } from "./disk-reserve.ts";

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const SQLITE = {
  busy: 5,
  locked: 6,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** True while another process has what was wanted: worth another attempt. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error instanceof StatusError ? error.cause : error);
  return code === SQLITE.busy || code === SQLITE.locked;
}

/** True where the disk had no space for a write, or for a file that SQLite makes beside the database. */
export function lacksSpace(error: unknown, file: string): boolean {
  const code = sqliteCode(error instanceof StatusError ? error.cause : error);
  if (code === SQLITE.full) return true;
  return (code === SQLITE.ioError || code === SQLITE.cannotOpen) && isDiskFull(file);
}

/** What SQLite threw, in words; anything else as it is. */
export function toDatabaseError(error: unknown, file: string): unknown {
  if (lacksSpace(error, file)) {
    return new StatusError("ResourceExhausted", `no space left for the database "${file}"`, {
      cause: error,
      hint: "free some space there: what crish had kept for that is used up too",
    });
  }
  const code = sqliteCode(error);
  if (code !== undefined && isOnReadOnlyDisk(file)) return readOnlyDiskError(file, error);
  switch (code) {
    case undefined:
      return error;
    case SQLITE.busy:
    case SQLITE.locked:
      return new StatusError("Unavailable", `the database "${file}" is busy`, { cause: error });
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
      return new StatusError("DataLoss", `the database "${file}" is damaged`, { cause: error });
    case SQLITE.readonly:
      return new StatusError("PermissionDenied", `could not write the database "${file}"`, {
        cause: error,
      });
    default:
      return new StatusError("Internal", `the database "${file}" failed`, { cause: error });
  }
}

/** What a change is refused with on a disk that may only be read. */
export function readOnlyDiskError(file: string, cause?: unknown): StatusError {
  return new StatusError("FailedPrecondition", `"${file}" is on a read-only file system`, {
    cause,
    hint: "dmesg may tell why; mount -o remount,rw makes it usable again, and containers run on meanwhile",
  });
}

/** SQLite, which makes files beside the database even to read it, tells this as what it could not open. */
export function isOnReadOnlyDisk(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EROFS";
  }
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
