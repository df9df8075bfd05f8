/** Bytes written one after another into a buffer that grows. */
export class ByteWriter {
  length = 0;
  #buffer: Uint8Array<ArrayBuffer>;

  constructor(capacityBytes = 1024) {
    this.#buffer = new Uint8Array(capacityBytes);
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length++] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  u24(value: number): void {
    this.u8(value >>> 16);
    this.u16(value);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** One byte per character: for text that is ASCII or Latin-1. */
  latin1(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at++) this.#buffer[this.length++] = text.charCodeAt(at);
  }

  /** Overwrites three bytes written before, for a length that is known only afterwards. */
  patchU24(at: number, value: number): void {
    this.#buffer[at] = value >>> 16;
    this.#buffer[at + 1] = value >>> 8;
    this.#buffer[at + 2] = value;
  }

  patchU8(at: number, value: number): void {
    this.#buffer[at] = value;
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.length);
  }

  /** Forgets what was written and keeps the room for more, unless it has become large. */
  reset(): void {
    this.length = 0;
    if (this.#buffer.length > MAX_KEPT_BYTES) this.#buffer = new Uint8Array(MAX_KEPT_BYTES);
  }

  #reserve(bytes: number): void {
    const wanted = this.length + bytes;
    if (wanted <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.length));
    this.#buffer = grown;
  }
}

const MAX_KEPT_BYTES = 64 * 1024;
