import type { Stats } from "node:fs";

/**
 * Writing to a descriptor without the stream that the runtime would make for it, which takes
 * milliseconds that most commands need not spend.
 */
export interface DirectOutput {
  /** Writes what goes at once and tells how many bytes that was. Throws the system's errors. */
  write(bytes: Uint8Array): number;
  /** The descriptor itself stays open. */
  close(): void;
}

/**
 * Undefined where a write could block: only files, devices like /dev/null and pipes are written to
 * directly. A pipe is opened anew without blocking, as the state of the descriptor itself belongs to
 * everyone who has it.
 */
export function openDirectOutput(fd: number): DirectOutput | undefined {
  const facts = statOrUndefined(fd);
  if (facts?.isFile() === true || facts?.isCharacterDevice() === true) {
    return directOutput(fd, () => {});
  }
  if (facts?.isFIFO() !== true) return undefined;
  const own = openUnblocking(fd);
  if (own === undefined) return undefined;
  return directOutput(own, () => fs().closeSync(own));
}

function directOutput(fd: number, close: () => void): DirectOutput {
  return {
    close,
    write(bytes) {
      let written = 0;
      while (written < bytes.length) {
        try {
          written += fs().writeSync(fd, bytes, written);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "EAGAIN") break;
          throw error;
        }
      }
      return written;
    },
  };
}

/** Writes all of the bytes to a descriptor that blocks, and holds up nothing else. */
export async function writeInThread(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += await new Promise<number>((resolve, reject) => {
      fs().write(fd, bytes, at, bytes.length - at, null, (error, written) => {
        if (error) reject(error);
        else resolve(written);
      });
    });
  }
}

/** Whether it is a pipe or socket to which a write waits until all of it has gone. */
export function isBlocking(fd: number): boolean {
  const facts = statOrUndefined(fd);
  if (facts?.isSocket() !== true && facts?.isFIFO() !== true) return false;
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(fs().readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"));
    return (Number.parseInt(flags?.[1] ?? "0", 8) & fs().constants.O_NONBLOCK) === 0;
  } catch {
    return false;
  }
}

function statOrUndefined(fd: number): Stats | undefined {
  try {
    return fs().fstatSync(fd);
  } catch {
    return undefined;
  }
}

/** Fails for the pipe of another user, and for one whose reader is gone. */
function openUnblocking(fd: number): number | undefined {
  try {
    const { constants, openSync } = fs();
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Loaded here, since what is written first can go without it (src/host/quick-files.ts). */
function fs(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}
