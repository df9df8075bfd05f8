import { escapeControl } from "./escape-control.ts";

/** One line of a block; a record becomes lines of its own below the label. */
export type VerboseLine = readonly [
  label: string,
  value: string | Readonly<Record<string, string>>,
];

/** A block of `Label: value` lines for each object, an empty line after each. Empty records are left out. */
export function renderVerbose(blocks: readonly (readonly VerboseLine[])[]): string {
  return blocks.map((lines) => `${lines.flatMap(renderLine).join("\n")}\n\n`).join("");
}

function renderLine([label, value]: VerboseLine): string[] {
  if (typeof value === "string") return [`${label}: ${escapeControl(value)}`];
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  if (entries.length === 0) return [];
  const lines = entries.map(([key, entry]) => `\t${escapeControl(key)} -> ${escapeControl(entry)}`);
  return [`${label}:`, ...lines];
}
