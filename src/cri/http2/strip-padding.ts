import type { Frame } from "./frame-reader.ts";
import { ERROR, FLAG } from "./protocol.ts";
import { Violation } from "./violation.ts";

/** The payload of a frame that may be padded, without its padding. */
export function stripPadding({ flags, payload }: Frame): Uint8Array {
  if ((flags & FLAG.padded) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined || padding >= payload.length) {
    throw new Violation(ERROR.protocol, "a frame with more padding than content");
  }
  return payload.subarray(1, payload.length - padding);
}
