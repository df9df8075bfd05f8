import { parseDuration } from "../../config/parse-duration.ts";
import { StatusError } from "../../errors/status-error.ts";
import { type LogTime, parseTimestamp } from "./log-time.ts";

/**
 * The moment that --since or --until names: a duration before now (`10m`), RFC 3339 (local time where there
 * is no zone, midnight where there is no time), or seconds of Unix time. Throws InvalidArgument.
 */
export function parseMoment(text: string, nowMs: number, flag: string): LogTime {
  const unix = /^(\d{9,})(?:\.(\d{1,9}))?$/.exec(text);
  if (unix !== null) {
    return { seconds: Number(unix[1]), nanos: Number((unix[2] ?? "").padEnd(9, "0")) };
  }
  if (/^\d{4}-\d\d-\d\d/.test(text)) return parseTime(text, flag);
  let ageMs: number;
  try {
    ageMs = parseDuration(text, flag);
  } catch {
    throw wrong(text, flag);
  }
  return fromMs(nowMs - ageMs);
}

function parseTime(text: string, flag: string): LogTime {
  const bytes = Buffer.from(text.replace(" ", "T"));
  const exact = parseTimestamp(bytes, 0, bytes.length);
  if (exact !== undefined) return exact;
  // Without a zone, Date takes a date with a time for local time, but a date alone for UTC.
  const ms = new Date(text.includes(":") ? text.replace(" ", "T") : `${text}T00:00:00`).getTime();
  if (Number.isNaN(ms)) throw wrong(text, flag);
  return fromMs(ms);
}

function fromMs(ms: number): LogTime {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

function wrong(text: string, flag: string): StatusError {
  return new StatusError("InvalidArgument", `${flag}: "${text}" is neither a duration nor a time`, {
    hint: "10m, 2026-01-31T12:00:00Z, or seconds of Unix time",
  });
}
