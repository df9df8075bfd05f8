import { StatusError } from "../errors/status-error.ts";

/** What docker and its kin use: the shell inside keeps every single key. */
export const DEFAULT_DETACH_KEYS = "ctrl-p,ctrl-q";

/**
 * Reads a list like `ctrl-p,ctrl-q` or `ctrl-],x`: characters and ctrl- with a letter or one of
 * @[\]^_. Empty text means that no keys detach. Throws InvalidArgument.
 */
export function parseDetachKeys(text: string): Buffer {
  if (text === "") return Buffer.alloc(0);
  return Buffer.concat(text.split(",").map(parseKey));
}

function parseKey(key: string): Buffer {
  if (/^[\x21-\x7e]$/.test(key)) return Buffer.from(key);
  const match = /^ctrl-([a-zA-Z@[\\\]^_])$/.exec(key);
  if (match?.[1] === undefined) {
    const hint = "keys are single characters or ctrl- with one, as in ctrl-p,ctrl-q";
    throw new StatusError("InvalidArgument", `detach key "${key}" is not known`, { hint });
  }
  return Buffer.from([match[1].toUpperCase().charCodeAt(0) & 0x1f]);
}

export interface DetachFilter {
  /**
   * What of the input is to be passed on. Once the keys are complete, `detached` is true and all
   * that followed them is dropped.
   */
  filter(chunk: Uint8Array): { output: Buffer; detached: boolean };
  /** Keys held back as a possible beginning of the sequence: to be passed on when the input ends. */
  rest(): Buffer;
}

/**
 * Finds the detach keys in a stream of bytes, however it is cut. A beginning of the sequence is held
 * back until the next byte tells; when that byte does not fit, nothing is lost.
 */
export function createDetachFilter(keys: Buffer): DetachFilter {
  let heldBytes = 0;
  return {
    filter(chunk) {
      const output: number[] = [];
      for (const byte of chunk) {
        const candidate = [...keys.subarray(0, heldBytes), byte];
        while (candidate.length > 0 && !beginsWith(keys, candidate)) {
          output.push(candidate.shift() ?? 0);
        }
        heldBytes = candidate.length;
        if (heldBytes > 0 && heldBytes === keys.length) {
          heldBytes = 0;
          return { output: Buffer.from(output), detached: true };
        }
      }
      return { output: Buffer.from(output), detached: false };
    },
    rest() {
      const rest = Buffer.from(keys.subarray(0, heldBytes));
      heldBytes = 0;
      return rest;
    },
  };
}

function beginsWith(keys: Buffer, candidate: readonly number[]): boolean {
  return candidate.length <= keys.length && candidate.every((byte, at) => keys[at] === byte);
}
