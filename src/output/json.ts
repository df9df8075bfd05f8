/**
 * JSON with two spaces of indent and stable order; bigints are written as exact integers. Characters
 * that a terminal would obey are escaped, which JSON allows for in every string.
 */
export function renderJson(value: unknown): string {
  return escapeControls(JSON.stringify(value, replaceBigint, 2));
}

/** The same on one line. */
export function renderJsonLine(value: unknown): string {
  return escapeControls(JSON.stringify(value, replaceBigint));
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

function escapeControls(text: string): string {
  return `${text.replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escapeCharacter)}\n`;
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawInteger(value) : value;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function rawInteger(value: bigint): unknown {
  const json = JSON as unknown as { rawJSON(text: string): unknown };
  return json.rawJSON(value.toString());
}
