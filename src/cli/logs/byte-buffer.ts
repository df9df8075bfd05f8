const FIRST_BYTES = 192 * 1024;

/** Bytes that are appended to and taken as a whole. What was taken is valid until the next `take`. */
export class ByteBuffer {
  length = 0;
  private bytes: Buffer | undefined;
  private spare: Buffer | undefined;

  append(source: Uint8Array, start: number, end: number): void {
    const bytes = this.reserve(end - start);
    // For a few bytes a loop is quicker than a view and a copy.
    if (end - start > 64) bytes.set(source.subarray(start, end), this.length);
    else
      for (let from = start, to = this.length; from < end; ) bytes[to++] = source[from++] as number;
    this.length += end - start;
  }

  appendByte(byte: number): void {
    this.reserve(1)[this.length++] = byte;
  }

  appendText(text: string): void {
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.length += this.reserve(text.length * 3).write(text, this.length);
  }

  /** Room for so many bytes behind `length`, which the caller moves. */
  reserve(count: number): Buffer {
    const needed = this.length + count;
    if (this.bytes !== undefined && needed <= this.bytes.length) return this.bytes;
    const larger = Buffer.allocUnsafeSlow(
      Math.max(needed, (this.bytes?.length ?? 0) * 2, FIRST_BYTES),
    );
    if (this.bytes !== undefined) larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    return larger;
  }

  take(): Uint8Array {
    const taken = this.bytes?.subarray(0, this.length) ?? new Uint8Array(0);
    [this.bytes, this.spare] = [this.spare, this.bytes];
    this.length = 0;
    return taken;
  }
}
