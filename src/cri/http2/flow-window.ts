import { ERROR, MAX_WINDOW_BYTES } from "./protocol.ts";
import { Violation } from "./violation.ts";

/** What may still be sent; a change of the other side's settings can bring it below zero. */
export class SendWindow {
  availableBytes: number;

  constructor(bytes: number) {
    this.availableBytes = bytes;
  }

  grow(bytes: number): void {
    this.availableBytes += bytes;
    if (this.availableBytes <= MAX_WINDOW_BYTES) return;
    throw new Violation(ERROR.flowControl, "a window beyond its largest size");
  }
}

/** What the other side may still send, and what was taken from it since it was last told so. */
export class ReceiveWindow {
  readonly #sizeBytes: number;
  #availableBytes: number;
  #takenBytes = 0;

  constructor(sizeBytes: number, availableBytes = sizeBytes) {
    this.#sizeBytes = sizeBytes;
    this.#availableBytes = availableBytes;
  }

  receive(bytes: number): void {
    this.#availableBytes -= bytes;
    if (this.#availableBytes >= 0) return;
    throw new Violation(ERROR.flowControl, "more data than its window allows");
  }

  /** Says by how much to open the window now: in steps of half of it, so mostly not at all. */
  take(bytes: number): number {
    this.#takenBytes += bytes;
    if (this.#takenBytes < this.#sizeBytes / 2) return 0;
    const step = this.#takenBytes;
    this.#takenBytes = 0;
    this.#availableBytes += step;
    return step;
  }
}
