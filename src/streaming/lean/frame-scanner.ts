import { readU16, readU31, readU32 } from "../../cri/http2/frame-reader.ts";
import { joinBytes } from "../join-bytes.ts";
import { FLAG_FIN, SPDY_VERSION } from "../spdy/frame.ts";
import { MAX_CONTROL_BYTES } from "../spdy/limits.ts";
import { malformed } from "../spdy/malformed.ts";

export interface ScannedFrames {
  /** A part of a data frame, which may be empty; `fin` only with its last. */
  onData(streamId: number, part: Uint8Array, fin: boolean): void;
  onControl(type: number, flags: number, payload: Uint8Array): void;
}

const HEAD_BYTES = 8;

/** Cuts what a SPDY/3.1 connection receives into frames; holds at most one control frame. Throws Internal. */
export class FrameScanner {
  readonly #frames: ScannedFrames;
  /** A head or control frame that is not whole yet. */
  #held: Uint8Array = NOTHING;
  #streamId = 0;
  #flags = 0;
  /** Of the data frame that is under way. */
  #remaining = 0;
  #isInData = false;

  constructor(frames: ScannedFrames) {
    this.#frames = frames;
  }

  scan(chunk: Uint8Array): void {
    const input = joinBytes(this.#held, chunk);
    this.#held = NOTHING;
    let at = 0;
    while (at < input.length || (this.#isInData && this.#remaining === 0)) {
      if (this.#isInData) {
        at += this.#passData(input, at);
        continue;
      }
      const taken = this.#begin(input, at);
      if (taken === 0) {
        // A copy: a few bytes must not keep what they came with.
        this.#held = new Uint8Array(input.subarray(at));
        return;
      }
      at += taken;
    }
  }

  #passData(input: Uint8Array, at: number): number {
    const part = input.subarray(at, at + this.#remaining);
    this.#remaining -= part.length;
    const ends = this.#remaining === 0;
    if (ends) this.#isInData = false;
    this.#frames.onData(this.#streamId, part, ends && (this.#flags & FLAG_FIN) !== 0);
    return part.length;
  }

  /** The bytes of the head of a data frame, or of a whole control frame; 0 where they are not all there. */
  #begin(input: Uint8Array, at: number): number {
    if (input.length - at < HEAD_BYTES) return 0;
    const flags = input[at + 4] ?? 0;
    const length = readU32(input, at + 4) % 0x100_0000;
    if (((input[at] ?? 0) & 0x80) === 0) {
      this.#streamId = streamIdAt(input, at);
      this.#flags = flags;
      this.#remaining = length;
      this.#isInData = true;
      return HEAD_BYTES;
    }
    const version = readU16(input, at) & 0x7fff;
    if (version !== SPDY_VERSION) throw malformed(`frame of version ${version}`);
    if (length > MAX_CONTROL_BYTES) throw malformed(`control frame of ${length} bytes`);
    if (input.length - at < HEAD_BYTES + length) return 0;
    const from = at + HEAD_BYTES;
    this.#frames.onControl(readU16(input, at + 2), flags, input.subarray(from, from + length));
    return HEAD_BYTES + length;
  }
}

export function streamIdAt(bytes: Uint8Array, at: number): number {
  const streamId = readU31(bytes, at);
  if (streamId === 0) throw malformed("frame for stream 0");
  return streamId;
}

const NOTHING = new Uint8Array(0);
