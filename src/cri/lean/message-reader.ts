import type { WireStatus } from "../wire-error.ts";

const PREFIX_BYTES = 5;
/** A length is only a promise: room is made as its bytes come, in steps that copy little. */
const FIRST_ROOM_BYTES = 64 * 1024;
const ROOM_GROWTH = 8;
const INTERNAL = 13;
const RESOURCE_EXHAUSTED = 8;

/** Cuts the data of a response into messages: a flag for compression, the length, the message. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #prefixBytes = 0;
  #message: Uint8Array = EMPTY;
  #messageBytes = 0;
  #have = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True where a message has begun and is not complete. */
  get isAmidMessage(): boolean {
    return this.#prefixBytes > 0;
  }

  /** Hands over each message that the chunk completes; the status of a failure where one is refused. */
  read(chunk: Uint8Array, onMessage: (message: Uint8Array) => void): WireStatus | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#prefixBytes < PREFIX_BYTES) {
        this.#prefix[this.#prefixBytes++] = chunk[at++] ?? 0;
        if (this.#prefixBytes < PREFIX_BYTES) continue;
        const refused = this.#begin();
        if (refused !== undefined) return refused;
      }
      const taken = Math.min(this.#messageBytes - this.#have, chunk.length - at);
      const part = chunk.subarray(at, at + taken);
      at += taken;
      if (taken === this.#messageBytes) this.#message = part;
      else this.#append(part);
      this.#have += taken;
      if (this.#have < this.#messageBytes) continue;
      const message = this.#message.subarray(0, this.#messageBytes);
      this.#prefixBytes = 0;
      this.#message = EMPTY;
      onMessage(message);
    }
    return undefined;
  }

  #begin(): WireStatus | undefined {
    const view = new DataView(this.#prefix.buffer);
    this.#messageBytes = view.getUint32(1);
    this.#have = 0;
    if (this.#messageBytes > this.#maxBytes) {
      const details = `Received message larger than max (${this.#messageBytes} vs ${this.#maxBytes})`;
      return { code: RESOURCE_EXHAUSTED, details };
    }
    if (view.getUint8(0) === 0) return undefined;
    return { code: INTERNAL, details: "Received compressed message, which was not offered" };
  }

  #append(part: Uint8Array): void {
    const wanted = this.#have + part.length;
    if (wanted > this.#message.length) {
      const room = Math.max(wanted, this.#message.length * ROOM_GROWTH, FIRST_ROOM_BYTES);
      const grown = new Uint8Array(Math.min(room, this.#messageBytes));
      grown.set(this.#message.subarray(0, this.#have));
      this.#message = grown;
    }
    this.#message.set(part, this.#have);
  }
}

const EMPTY = new Uint8Array(0);
