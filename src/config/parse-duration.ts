import { StatusError } from "../errors/status-error.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * A Go duration (`1m30s`, `250ms`, `-5s`) or a bare number, which is seconds, in milliseconds.
 * Throws InvalidArgument; `what` names the flag or key in the message.
 */
export function parseDuration(text: string, what: string): number {
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const match = /^([+-]?)((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (match === null) {
    throw new StatusError("InvalidArgument", `${what}: "${text}" is not a duration`, {
      hint: "write it as 30s, 1m30s or 500ms; a bare number is seconds",
    });
  }
  let totalMs = 0;
  for (const part of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    totalMs += Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? 0);
  }
  return match[1] === "-" ? -totalMs : totalMs;
}
