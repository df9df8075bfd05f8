/** What a chunk of keys holds: the bytes to pass on, and whether the keys to detach were among them. */
export interface ScannedKeys {
  readonly pass: Uint8Array;
  readonly detach: boolean;
}

export interface DetachKeys {
  scan(chunk: Uint8Array): ScannedKeys;
}

const CTRL_P = 16;
const CTRL_Q = 17;

/**
 * Finds ctrl-p,ctrl-q in what is typed, across chunks. The first key is held back until the next
 * tells what it was; whatever follows the two keys is dropped.
 */
export function createDetachKeys(): DetachKeys {
  let isHeld = false;
  return {
    scan(chunk) {
      const pass: number[] = [];
      for (const byte of chunk) {
        if (isHeld && byte === CTRL_Q) return { pass: Uint8Array.from(pass), detach: true };
        if (isHeld) pass.push(CTRL_P);
        isHeld = byte === CTRL_P;
        if (!isHeld) pass.push(byte);
      }
      return { pass: Uint8Array.from(pass), detach: false };
    },
  };
}
