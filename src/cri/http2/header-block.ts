import type { Frame } from "./frame-reader.ts";
import { ERROR, FLAG } from "./protocol.ts";
import { stripPadding } from "./strip-padding.ts";
import { Violation } from "./violation.ts";

export interface CompleteBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly block: Uint8Array;
}

/** More frames than any list of headers within the limit needs. */
const MAX_CONTINUATIONS = 64;
const PRIORITY_BYTES = 5;

/** Puts a HEADERS frame and its CONTINUATION frames together. Throws Violation. */
export class HeaderBlock {
  readonly #maxBytes: number;
  #first: Frame | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True while nothing but a CONTINUATION may follow. */
  get isOpen(): boolean {
    return this.#first !== undefined;
  }

  /** Undefined while more is to follow. */
  begin(frame: Frame): CompleteBlock | undefined {
    let block = stripPadding(frame);
    if ((frame.flags & FLAG.priority) !== 0) {
      if (block.length < PRIORITY_BYTES) {
        throw new Violation(ERROR.frameSize, "a HEADERS frame that is too short");
      }
      block = block.subarray(PRIORITY_BYTES);
    }
    if ((frame.flags & FLAG.endHeaders) !== 0) return complete(frame, block);
    this.#first = frame;
    this.#parts = [block];
    this.#bytes = block.length;
    return undefined;
  }

  continue(frame: Frame): CompleteBlock | undefined {
    const first = this.#first;
    if (first === undefined || first.streamId !== frame.streamId) {
      throw new Violation(ERROR.protocol, "a CONTINUATION frame that continues nothing");
    }
    this.#bytes += frame.payload.length;
    if (this.#bytes > this.#maxBytes || this.#parts.length > MAX_CONTINUATIONS) {
      throw new Violation(ERROR.enhanceYourCalm, "headers without end");
    }
    this.#parts.push(frame.payload);
    if ((frame.flags & FLAG.endHeaders) === 0) return undefined;
    const block = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      block.set(part, at);
      at += part.length;
    }
    this.#first = undefined;
    this.#parts = [];
    return complete(first, block);
  }
}

function complete(frame: Frame, block: Uint8Array): CompleteBlock {
  return {
    streamId: frame.streamId,
    endStream: (frame.flags & FLAG.endStream) !== 0,
    block,
  };
}
