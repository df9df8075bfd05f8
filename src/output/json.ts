/** JSON with two spaces of indent and stable order; bigints are written as exact integers. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, (_key, entry) => (typeof entry === "bigint" ? rawInteger(entry) : entry), 2)}\n`;
}

/** JSON whose integers stay exact: those that a double cannot hold become bigints. */
export function parseJsonExactly(text: string): unknown {
  // The third argument of a reviver (ECMAScript 2026) is not in TypeScript's library yet.
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source;
    const isBigInteger = typeof value === "number" && !Number.isSafeInteger(value);
    return isBigInteger && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

function rawInteger(value: bigint): unknown {
  const json = JSON as unknown as { rawJSON(text: string): unknown };
  return json.rawJSON(value.toString());
}
