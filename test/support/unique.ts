import { randomBytes, randomInt } from "node:crypto";

/** Eight hexadecimal digits, for names that must not meet those of other tests. */
export function uniqueSuffix(): string {
  return randomBytes(4).toString("hex");
}

/** Seconds for a `sleep` that is known by them among all processes of the node. */
export function uniqueSeconds(): string {
  return String(randomInt(10_000_000, 100_000_000));
}

/**
 * A /24 out of 10.64.0.0/10, chosen at random among 16,384: a network of one test. It leaves out
 * 10.201.0.0/16, which crish takes by itself.
 */
export function randomSubnet(): string {
  return `10.${randomInt(64, 128)}.${randomInt(0, 256)}.0/24`;
}
