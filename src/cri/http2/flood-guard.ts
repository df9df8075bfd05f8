import { ERROR } from "./protocol.ts";
import { Violation } from "./violation.ts";

/** Far more than any server has reason for; far less than costs anything to answer. */
const MAX_IDLE_FRAMES = 1000;
const PERIOD_MS = 1000;

/**
 * Bounds the frames that bring nothing: pings, settings, empty data, frames for streams that are
 * over. They are cheap to send and cost us an answer each.
 */
export class FloodGuard {
  #count = 0;
  #since = 0;

  /** Throws Violation where too many came within a second without anything of use between them. */
  countIdle(): void {
    if (this.#count++ === 0) this.#since = Date.now();
    if (this.#count <= MAX_IDLE_FRAMES) return;
    if (Date.now() - this.#since < PERIOD_MS) {
      throw new Violation(ERROR.enhanceYourCalm, "a flood of frames that bring nothing");
    }
    this.#count = 0;
  }

  /** Something of use came or went. */
  reset(): void {
    this.#count = 0;
  }
}
