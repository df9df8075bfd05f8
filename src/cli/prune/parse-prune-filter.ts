import { parseDuration } from "../../config/parse-duration.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { FlagValue } from "../command.ts";
import { parseLabelSelector } from "../label-selector.ts";

export interface PruneFilter {
  /** Only what is older than this moment; undefined for any age. */
  readonly untilMs: number | undefined;
  /** Only objects with labels may go, and only these. */
  readonly hasLabels: boolean;
  matches(labels: Readonly<Record<string, string>>): boolean;
}

/** The words of --filter, all of which must hold. Throws InvalidArgument for another one. */
export function parsePruneFilter(value: FlagValue | undefined, nowMs: number): PruneFilter {
  const words = Array.isArray(value) ? (value as readonly string[]) : [];
  const labels: string[] = [];
  let untilMs: number | undefined;
  for (const word of words) {
    const argument = word.slice(word.indexOf("=") + 1);
    if (word.startsWith("until=") && argument !== "") {
      const momentMs = parseMoment(argument, nowMs);
      untilMs = untilMs === undefined ? momentMs : Math.min(untilMs, momentMs);
    } else if (word.startsWith("label=") && argument !== "") {
      labels.push(argument);
    } else {
      throw new StatusError("InvalidArgument", `unknown filter "${word}"`, {
        hint: "there are until=24h, until=2026-01-31T12:00:00Z and label=KEY=VALUE",
      });
    }
  }
  const selector = parseLabelSelector(labels);
  return { untilMs, hasLabels: labels.length > 0, matches: (own) => selector.matches(own) };
}

/** A moment, or how long ago it was. */
function parseMoment(text: string, nowMs: number): number {
  const momentMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(momentMs) ? nowMs - parseDuration(text, "--filter until") : momentMs;
}
