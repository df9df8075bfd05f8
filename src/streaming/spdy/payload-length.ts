import { malformed } from "./malformed.ts";

/** Throws Internal where the payload of such a frame is shorter. */
export function requireAtLeast(payload: Uint8Array, length: number, frame: string): void {
  if (payload.length < length) throw malformed(`${frame} of ${payload.length} bytes`);
}

export function requireExactly(payload: Uint8Array, length: number, frame: string): void {
  if (payload.length !== length) throw malformed(`${frame} of ${payload.length} bytes`);
}
