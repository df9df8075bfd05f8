import { StatusError } from "../errors/status-error.ts";
import type { CommandInput, FlagSpec } from "./command.ts";

const DEFAULT_GRACE_MS = 10_000;

/** Of verbs that stop containers. */
export const GRACE_FLAG: FlagSpec = {
  name: "timeout",
  short: "t",
  type: "duration",
  meaning: "grace before the kill (default 10s); 0 kills at once",
  placeholder: "SECONDS",
};

/** Throws InvalidArgument for a negative one. */
export function graceMsOf(flags: CommandInput["flags"]): number {
  const graceMs = typeof flags.timeout === "number" ? flags.timeout : DEFAULT_GRACE_MS;
  if (graceMs < 0) throw new StatusError("InvalidArgument", "--timeout is negative");
  return graceMs;
}
