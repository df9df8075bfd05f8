/** A new ID for a pod or container: 64 hexadecimal digits. */
export function randomId(): string {
  return randomHex(32);
}

/** Random bytes in hexadecimal, without loading node:crypto, which takes milliseconds. */
export function randomHex(sizeBytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(sizeBytes))).toString("hex");
}
