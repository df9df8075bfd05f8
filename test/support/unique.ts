import { randomBytes, randomInt } from "node:crypto";

/** Eight hexadecimal digits, for names that must not meet those of other tests. */
export function uniqueSuffix(): string {
  return randomBytes(4).toString("hex");
}

/** Seconds for a `sleep` that is known by them among all processes of the node. */
export function uniqueSeconds(): string {
  return String(randomInt(10_000_000, 100_000_000));
}

/** A /24 out of 10.200.0.0/13, chosen at random: a network of one test. */
export function randomSubnet(): string {
  return `10.${randomInt(200, 208)}.${randomInt(0, 256)}.0/24`;
}
