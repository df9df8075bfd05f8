import type { CommandInput, FlagSpec } from "../command.ts";
import type { Context } from "../context.ts";
import { FORMATS_WITH_TEXT, TEMPLATE_FLAG } from "../flag-sets.ts";

const FORMATS = [
  "table",
  "wide",
  "json",
  "yaml",
  "jsonl",
  "name",
  "go-template",
  "jsonpath",
  "custom-columns",
];

/** The flags of a verb that prints a list with printList. `columns` are those that it has, as typed. */
export function listFlags(columns: readonly string[]): readonly FlagSpec[] {
  return [...onceListFlags(columns), ...WATCH_FLAGS];
}

/** The same where a second look would show nothing new. */
export function onceListFlags(
  columns: readonly string[],
  defaultFormat = "table",
): readonly FlagSpec[] {
  return [
    {
      name: "output",
      short: "o",
      type: "enum",
      values: FORMATS,
      valuesWithText: FORMATS_WITH_TEXT,
      default: defaultFormat,
      meaning: "format of the output",
      placeholder: "FORMAT",
    },
    TEMPLATE_FLAG,
    {
      name: "columns",
      type: "string",
      meaning: `only these, in this order: ${columns.join(", ")}, or TITLE:JSONPATH`,
      placeholder: "COLUMN,…",
      completion: { values: columns },
    },
    {
      name: "sort-by",
      type: "string",
      meaning: "order by a column or a JSONPath; a - before it turns the order round",
      placeholder: "COLUMN",
      completion: { values: columns },
    },
    { name: "no-headers", type: "boolean", meaning: "leave the line of titles out" },
  ];
}

const WATCH_FLAGS: readonly FlagSpec[] = [
  {
    name: "watch",
    short: "w",
    type: "boolean",
    meaning:
      "go on, beyond restarts of the runtime too: a live table on a terminal, a line of JSON for each change on a pipe",
  },
  {
    name: "interval",
    type: "duration",
    meaning: "time between two looks of --watch (default 2s)",
    placeholder: "DURATION",
  },
];

/** Whether that list goes on until Ctrl-C. */
export function isWatched(_context: Context, { flags }: CommandInput): boolean {
  return flags.watch === true;
}
