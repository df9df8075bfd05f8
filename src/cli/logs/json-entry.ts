import type { LogStream } from "./log-entry.ts";

/** One line of Docker's json-file driver. A text without a newline at its end is a part of a line. */
export interface JsonEntry {
  readonly stream: LogStream;
  readonly text: Buffer;
  /** RFC 3339, as bytes. */
  readonly time: Buffer;
}

/** Undefined where the line is not an entry of json-file. */
export function decodeJsonEntry(line: Buffer): JsonEntry | undefined {
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
