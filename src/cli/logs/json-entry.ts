import type { LogStream } from "./log-entry.ts";

/** One line of Docker's json-file driver. A text without a newline at its end is a part of a line. */
export interface JsonEntry {
  readonly stream: LogStream;
  readonly text: Buffer;
  /** RFC 3339, as bytes. */
  readonly time: Buffer;
}

const HEAD = '{"log":"';
/** What stands behind the text, as Docker writes it where no labels are logged. */
const REST = /^","stream":"(stdout|stderr)","time":"([^"\\]{20,40})"\}$/;
const REST_BYTES = 96;
const QUOTE = 34;
const BACKSLASH = 92;
/** What stands behind a backslash, and for what. */
const ESCAPES: Readonly<Record<number, number>> = {
  [QUOTE]: QUOTE,
  [BACKSLASH]: BACKSLASH,
  47: 47,
  98: 8,
  102: 12,
  110: 10,
  114: 13,
  116: 9,
};

/** Undefined where the line is not an entry of json-file. */
export function decodeJsonEntry(line: Buffer): JsonEntry | undefined {
  return decodeUsual(line) ?? decodeAny(line);
}

/** An entry in the form that Docker gives it, at a third of the cost; undefined for any other. */
function decodeUsual(line: Buffer): JsonEntry | undefined {
  if (line.toString("latin1", 0, HEAD.length) !== HEAD) return undefined;
  const restFrom = Math.max(HEAD.length, line.length - REST_BYTES);
  const text = Buffer.allocUnsafe(line.length);
  let to = 0;
  for (let at = HEAD.length; at < line.length; at++) {
    let byte = line[at] as number;
    if (byte === QUOTE) {
      const match = at < restFrom ? null : REST.exec(line.toString("latin1", at));
      if (match === null) return undefined;
      return {
        stream: match[1] === "stderr" ? "stderr" : "stdout",
        text: text.subarray(0, to),
        time: Buffer.from(match[2] ?? "", "latin1"),
      };
    }
    if (byte === BACKSLASH) {
      const escaped = ESCAPES[line[++at] as number];
      if (escaped === undefined) return undefined;
      byte = escaped;
    }
    text[to++] = byte;
  }
  return undefined;
}

function decodeAny(line: Buffer): JsonEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { log, stream, time } = value as Record<string, unknown>;
  if (typeof log !== "string" || typeof time !== "string") return undefined;
  return {
    stream: stream === "stderr" ? "stderr" : "stdout",
    text: Buffer.from(log),
    time: Buffer.from(time),
  };
}
