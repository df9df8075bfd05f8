import { StatusError } from "../errors/status-error.ts";
import type { CommandInput } from "./command.ts";

export interface OutputFormat {
  /** What --output names: `table`, `json`, `jsonpath`. */
  readonly kind: string;
  /** What goes with it: the template, or the file or columns of the formats that name some. */
  readonly text: string | undefined;
}

/** Formats that say nothing without a template. */
const NEEDS_TEXT: readonly string[] = ["go-template", "jsonpath", "custom-columns"];

/**
 * The format that --output and --template name: `-o jsonpath={.id}`, or `-o go-template` with
 * `--template`. Throws InvalidArgument for a template without a format, and the reverse.
 */
export function parseFormat(flags: CommandInput["flags"]): OutputFormat {
  const output = typeof flags.output === "string" ? flags.output : "table";
  const equals = output.indexOf("=");
  const kind = equals === -1 ? output : output.slice(0, equals);
  const given = typeof flags.template === "string" ? flags.template : undefined;
  const text = equals === -1 ? given : output.slice(equals + 1);
  if (given !== undefined && !(kind === "go-template" || kind === "jsonpath")) {
    throw new StatusError("InvalidArgument", `--template does not go with -o ${kind}`, {
      hint: "it goes with -o go-template and -o jsonpath",
    });
  }
  if (NEEDS_TEXT.includes(kind) && (text === undefined || text === "")) {
    const example = kind === "custom-columns" ? "NAME:.metadata.name" : "'TEMPLATE'";
    throw new StatusError("InvalidArgument", `-o ${kind} needs a template`, {
      hint: `write it as -o ${kind}=${example}`,
    });
  }
  return { kind, text };
}
