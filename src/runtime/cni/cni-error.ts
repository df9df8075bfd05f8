import { type StatusCode, StatusError } from "../../errors/status-error.ts";

/** A plugin refused: carries what it said, for callers that tell its reasons apart. */
export class CniError extends StatusError {
  readonly plugin: string;
  /** The specification's error code; 0 where the plugin gave none. */
  readonly pluginCode: number;

  constructor(
    message: string,
    facts: { plugin: string; pluginCode: number; reason: string; hint?: string },
  ) {
    super(toStatusCode(facts.pluginCode), message, {
      cause: new Error(facts.reason),
      ...(facts.hint === undefined ? {} : { hint: facts.hint }),
    });
    this.name = "CniError";
    this.plugin = facts.plugin;
    this.pluginCode = facts.pluginCode;
  }
}

/** Of the specification's well-known codes: 11 is "try again later", 7 an invalid configuration. */
function toStatusCode(pluginCode: number): StatusCode {
  if (pluginCode === 11) return "Unavailable";
  return pluginCode === 7 ? "FailedPrecondition" : "Internal";
}
