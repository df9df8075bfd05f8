import { randomBytes } from "node:crypto";

/** A new ID for a pod or container: 64 hexadecimal digits. */
export function randomId(): string {
  return randomBytes(32).toString("hex");
}
