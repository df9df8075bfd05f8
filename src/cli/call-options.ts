import type { CallOptions } from "../cri/services.ts";
import type { Context } from "./context.ts";

/** The signal of the command, and --timeout where it was given; `graceMs` is added to that. */
export function callOptions(context: Context, graceMs = 0): CallOptions {
  const { timeoutMs } = context.settings;
  return {
    signal: context.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs: timeoutMs + graceMs }),
  };
}
