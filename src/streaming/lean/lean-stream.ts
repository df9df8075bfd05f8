import type { StatusError } from "../../errors/status-error.ts";

/** A stream on which the peer alone sends, in the order in which it does; `take` says when it has room again. */
export class LeanStream {
  /** Settled when the peer has accepted the stream, or never will. */
  readonly opened = Promise.withResolvers<void>();
  /** Settled when all that came is taken; rejects with what `take` rejects with. */
  readonly done = Promise.withResolvers<void>();
  heldBytes = 0;
  uncreditedBytes = 0;
  isEnded = false;
  /** Called with what was taken. */
  onTaken: (bytes: number) => void = () => {};
  readonly #take: (bytes: Uint8Array) => Promise<void>;
  readonly #waiting: Uint8Array[] = [];
  #isTaking = false;

  constructor(take: (bytes: Uint8Array) => Promise<void>) {
    this.#take = take;
    // Whoever ends first is waited for; the other may fail with nobody listening.
    this.opened.promise.catch(() => {});
    this.done.promise.catch(() => {});
  }

  receive(bytes: Uint8Array): void {
    this.heldBytes += bytes.length;
    this.#waiting.push(bytes);
    if (!this.#isTaking) void this.#takeAll();
  }

  /** Nothing more will come. Idempotent. */
  end(reason: StatusError | undefined): void {
    this.isEnded = true;
    if (reason === undefined) this.opened.resolve();
    else this.opened.reject(reason);
    if (!this.#isTaking) this.done.resolve();
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true;
    try {
      for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
        await this.#take(bytes);
        this.heldBytes -= bytes.length;
        this.onTaken(bytes.length);
      }
      this.#isTaking = false;
      if (this.isEnded) this.done.resolve();
    } catch (error) {
      this.done.reject(error);
    }
  }
}
