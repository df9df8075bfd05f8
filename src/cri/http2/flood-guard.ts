import { ERROR } from "./protocol.ts";
import { Violation } from "./violation.ts";

/** Far more than any server has reason for; far less than costs anything to answer. */
const MAX_IDLE_FRAMES = 1000;
const PERIOD_MS = 1000;
/** A response, trailers, a reset and the windows of a request, for each stream that we leave. */
const FRAMES_OF_A_STREAM = 8;

/**
 * Bounds the frames that bring nothing: pings, settings, empty data, frames for streams that are
 * over. They are cheap to send and cost us an answer each.
 */
export class FloodGuard {
  readonly #maxLateBytes: number;
  #lateBytes = 0;
  #count = 0;
  #since = 0;

  /** `maxLateBytes`: what can be under way at most, of all streams together. */
  constructor(maxLateBytes: number) {
    this.#maxLateBytes = maxLateBytes;
  }

  /** Throws Violation where too many came within a second without anything of use between them. */
  countIdle(): void {
    if (this.#count++ === 0) this.#since = Date.now();
    if (this.#count <= MAX_IDLE_FRAMES) return;
    if (Date.now() - this.#since < PERIOD_MS) {
      throw new Violation(ERROR.enhanceYourCalm, "a flood of frames that bring nothing");
    }
    this.#count = 0;
  }

  /** We leave a stream: what the server has sent before it hears of that is no fault of its own. */
  expectLate(windowBytes: number): void {
    const bytes = this.#lateBytes + windowBytes + FRAMES_OF_A_STREAM;
    this.#lateBytes = Math.min(bytes, this.#maxLateBytes);
  }

  /** A frame for a stream that is over; as `countIdle` where it cannot have been under way. */
  countLate(bytes: number): void {
    const cost = Math.max(bytes, 1);
    if (cost > this.#lateBytes) this.countIdle();
    else this.#lateBytes -= cost;
  }

  /** Something of use came or went. */
  reset(): void {
    this.#count = 0;
  }
}
