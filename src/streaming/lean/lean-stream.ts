import type { StatusError } from "../../errors/status-error.ts";

/**
 * A stream on which the peer alone sends. From `start` on, `take` is given what comes, in its order, and
 * says when it has room again.
 */
export class LeanStream {
  /** Settled when the peer has accepted the stream, or never will. */
  readonly opened = Promise.withResolvers<void>();
  /** Settled when all that came is taken; rejects with what `take` rejects with. */
  readonly done = Promise.withResolvers<void>();
  heldBytes = 0;
  uncreditedBytes = 0;
  /** Whether the peer has accepted it. */
  isAccepted = false;
  isEnded = false;
  /** Called with what was taken or dropped. */
  onTaken: (bytes: number) => void = () => {};
  readonly #take: (bytes: Uint8Array) => Promise<void>;
  #waiting: Uint8Array[] = [];
  #isTaking = true;
  #isDropping = false;

  constructor(take: (bytes: Uint8Array) => Promise<void>) {
    this.#take = take;
    // Whoever ends first is waited for; the other may fail with nobody listening.
    this.opened.promise.catch(() => {});
    this.done.promise.catch(() => {});
  }

  start(): void {
    void this.#takeAll();
  }

  receive(bytes: Uint8Array): void {
    if (this.#isDropping) {
      this.onTaken(bytes.length);
      return;
    }
    this.heldBytes += bytes.length;
    this.#waiting.push(bytes);
    if (!this.#isTaking) void this.#takeAll();
  }

  /** Nothing more will come, nor consent where there is a reason and there was none. Idempotent. */
  end(reason: StatusError | undefined): void {
    this.isEnded = true;
    if (reason !== undefined) this.opened.reject(reason);
    if (!this.#isTaking) this.done.resolve();
  }

  /** Nothing more is taken: what has come and what comes is dropped. Idempotent. */
  drop(): void {
    this.#isDropping = true;
    this.#waiting = [];
    const bytes = this.heldBytes;
    this.heldBytes = 0;
    this.onTaken(bytes);
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        for (const bytes of batch) {
          await this.#take(bytes);
          if (this.#isDropping) return;
          this.heldBytes -= bytes.length;
          this.onTaken(bytes.length);
        }
      }
      this.#isTaking = false;
      if (this.isEnded) this.done.resolve();
    } catch (error) {
      this.done.reject(error);
      this.drop();
    }
  }
}
