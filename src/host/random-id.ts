/** A new ID for a pod or container: 64 hexadecimal digits. */
export function randomId(): string {
  return randomHex(32);
}

/** Random bytes in hexadecimal, without loading node:crypto, which takes milliseconds. */
export function randomHex(sizeBytes: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(sizeBytes));
  let digits = "";
  for (let at = 0; at < sizeBytes; at++) digits += (bytes[at] ?? 0).toString(16).padStart(2, "0");
  return digits;
}
