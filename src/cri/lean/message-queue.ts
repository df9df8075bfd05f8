import type { StatusError } from "../../errors/status-error.ts";
import type { CallSink } from "./lean-call.ts";

/** The messages of a stream between their arrival and a reader that takes one at a time. */
export class MessageQueue implements CallSink {
  #messages: Uint8Array[] = [];
  #taken = 0;
  #ending: { readonly error: StatusError | undefined } | undefined;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;

  onMessage(message: Uint8Array): boolean {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.resolve(message);
    else this.#messages.push(alone(message));
    return this.#isEmpty;
  }

  onEnd(error: StatusError | undefined, isLocal: boolean): void {
    this.#ending = { error };
    if (isLocal) this.#clear();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve(undefined);
    else waiting?.reject(error);
  }

  /** The next message; undefined after the last. Rejects with what ended the stream. */
  next(onEmpty: () => void): Promise<Uint8Array | undefined> {
    const message = this.#messages[this.#taken];
    if (message !== undefined) {
      this.#taken++;
      if (this.#isEmpty) {
        this.#clear();
        onEmpty();
      }
      return Promise.resolve(message);
    }
    const { error } = this.#ending ?? {};
    if (error !== undefined) return Promise.reject(error);
    if (this.#ending !== undefined) return Promise.resolve(undefined);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  get #isEmpty(): boolean {
    return this.#taken === this.#messages.length;
  }

  #clear(): void {
    this.#messages = [];
    this.#taken = 0;
  }
}

/** A message that waits must not keep all that it came with. (`slice` would: of a Buffer it is a view.) */
function alone(message: Uint8Array): Uint8Array {
  return message.buffer.byteLength > 2 * message.length ? new Uint8Array(message) : message;
}
