import type { IntegerKind, ScalarKind } from "./field-table.ts";

export type ParsedScalar =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      /** What was wanted, with its article. */
      readonly expected: string;
      /** What it was instead, where that says more than its type. */
      readonly got?: string;
      readonly hint?: string;
    };

/** The value of a scalar field from JSON or YAML, in its generated type, or what is wrong with it. */
export function parseScalar(kind: ScalarKind, value: unknown): ParsedScalar {
  switch (kind) {
    case "string":
      return parseString(value);
    case "bool":
      return typeof value === "boolean" ? ok(value) : { ok: false, expected: "true or false" };
    case "bytes":
      return parseBytes(value);
    case "double":
      return parseDouble(value);
    default:
      return parseInteger(kind, value);
  }
}

export const INTEGER_RANGES: Readonly<Record<IntegerKind, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function parseString(value: unknown): ParsedScalar {
  if (typeof value === "string") return ok(value);
  const expected = "a string";
  if (value instanceof Object) return { ok: false, expected };
  return { ok: false, expected, hint: `write it in quotes: "${String(value)}"` };
}

function parseInteger(kind: IntegerKind, value: unknown): ParsedScalar {
  const [smallest, largest] = INTEGER_RANGES[kind];
  const expected = `an integer from ${smallest} to ${largest}`;
  const integer = toBigInt(value);
  if (integer === undefined) return { ok: false, expected };
  if (integer < smallest || integer > largest) return { ok: false, expected, got: String(integer) };
  return ok(kind.endsWith("64") ? integer : Number(integer));
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value)) return undefined;
  return BigInt(value);
}

function parseDouble(value: unknown): ParsedScalar {
  if (typeof value === "number" || typeof value === "bigint") return ok(Number(value));
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return ok(Number(value));
  return { ok: false, expected: "a number" };
}

function parseBytes(value: unknown): ParsedScalar {
  if (typeof value !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) {
    return { ok: false, expected: "base64" };
  }
  return ok(new Uint8Array(Buffer.from(value, "base64")));
}

function ok(value: unknown): ParsedScalar {
  return { ok: true, value };
}
