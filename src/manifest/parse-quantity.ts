import { StatusError } from "../errors/status-error.ts";

const POWERS: Readonly<Record<string, readonly [base: bigint, power: number]>> = {
  n: [1000n, -3],
  u: [1000n, -2],
  m: [1000n, -1],
  "": [1000n, 0],
  k: [1000n, 1],
  M: [1000n, 2],
  G: [1000n, 3],
  T: [1000n, 4],
  P: [1000n, 5],
  E: [1000n, 6],
  Ki: [1024n, 1],
  Mi: [1024n, 2],
  Gi: [1024n, 3],
  Ti: [1024n, 4],
  Pi: [1024n, 5],
  Ei: [1024n, 6],
};

const NANO = 1_000_000_000n;

/**
 * A Kubernetes quantity (`500m`, `1.5Gi`, `2e3`) in billionths, so that every suffix is exact; what
 * is finer is rounded up, as there. Throws InvalidArgument.
 */
export function parseQuantity(text: string): bigint {
  const match =
    /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(text);
  const sign = match?.[1] === "-" ? -1n : 1n;
  const [whole = "", fraction = ""] = (match?.[2] ?? "").split(".");
  const suffix = match?.[3] ?? "";
  const powers = POWERS[suffix];
  if (match === null || powers === undefined) {
    throw new StatusError("InvalidArgument", `"${text}" is no quantity such as 500m or 64Mi`);
  }
  const exponent = Number(match[4] ?? 0);
  const [base, power] = powers;
  let numerator = BigInt(whole + fraction) * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  if (power >= 0) numerator *= base ** BigInt(power);
  else denominator *= base ** BigInt(-power);
  if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
  else denominator *= 10n ** BigInt(-exponent);
  return sign * ceilDivide(numerator, denominator);
}

/** Whole units of a quantity, rounded up: bytes. */
export function parseUnits(text: string): bigint {
  return ceilDivide(parseQuantity(text), NANO);
}

/** Thousandths of a quantity, rounded up: millicores. */
export function parseMilli(text: string): bigint {
  return ceilDivide(parseQuantity(text), 1_000_000n);
}

export function ceilDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator > 0n ? quotient + 1n : quotient;
}
