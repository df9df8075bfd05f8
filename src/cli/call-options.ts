import type { CallOptions } from "../cri/services.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";

/** The signal of the command, and --timeout where it was given; `graceMs` is added to that. */
export function callOptions(context: Context, graceMs = 0): CallOptions {
  const { timeoutMs } = context.settings;
  return {
    signal: context.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs: timeoutMs + graceMs }),
  };
}

/** The same, for verbs that have --cancel-timeout, which goes before --timeout. */
export function cancelOptions(context: Context, flags: CommandInput["flags"]): CallOptions {
  const cancelMs = flags["cancel-timeout"];
  if (typeof cancelMs !== "number" || cancelMs <= 0) return callOptions(context);
  return { signal: context.signal, timeoutMs: cancelMs };
}
