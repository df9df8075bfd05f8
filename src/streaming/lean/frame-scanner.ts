import { readU31, readU32 } from "../../cri/http2/frame-reader.ts";
import { MAX_STREAM_ID, SPDY_VERSION } from "../spdy/frame.ts";
import { malformed } from "../spdy/malformed.ts";

export interface ScannedFrames {
  /** A part of a data frame, which may be empty; `fin` only with its last. */
  onData(streamId: number, part: Uint8Array, fin: boolean): void;
  onControl(type: number, flags: number, payload: Uint8Array): void;
}

const HEAD_BYTES = 8;
/** Control frames are small in this field; a longer one is an attack. */
const MAX_CONTROL_BYTES = 65_536;

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
    const input = this.#held.length === 0 ? chunk : joined(this.#held, chunk);
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
    this.#frames.onData(this.#streamId, part, ends && (this.#flags & 1) !== 0);
    return part.length;
  }

  /** The bytes of the head of a data frame, or of a whole control frame; 0 where they are not all there. */
  #begin(input: Uint8Array, at: number): number {
    if (input.length - at < HEAD_BYTES) return 0;
    const flags = input[at + 4] ?? 0;
    const length = readU32(input, at + 4) % 0x100_0000;
    if (((input[at] ?? 0) & 0x80) === 0) {
      this.#streamId = readU31(input, at);
      if (this.#streamId === 0) throw malformed("frame for stream 0");
      this.#flags = flags;
      this.#remaining = length;
      this.#isInData = true;
      return HEAD_BYTES;
    }
    const version = Math.floor(readU31(input, at) / 0x1_0000);
    if (version !== SPDY_VERSION) throw malformed(`frame of version ${version}`);
    if (length > MAX_CONTROL_BYTES) throw malformed(`control frame of ${length} bytes`);
    if (input.length - at < HEAD_BYTES + length) return 0;
    const from = at + HEAD_BYTES;
    const type = readU31(input, at) % 0x1_0000;
    this.#frames.onControl(type, flags, input.subarray(from, from + length));
    return HEAD_BYTES + length;
  }
}

/** The stream that a control frame is about. */
export function streamIdOf(payload: Uint8Array): number {
  if (payload.length < 4) throw malformed(`control frame of ${payload.length} bytes`);
  const id = readU31(payload, 0);
  if (id === 0 || id > MAX_STREAM_ID) throw malformed("frame for stream 0");
  return id;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

const NOTHING = new Uint8Array(0);
