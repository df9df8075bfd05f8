import { StatusError } from "../../errors/status-error.ts";
import type { CommandInput } from "../command.ts";
import { parseRegex } from "../parse-pattern.ts";
import type { LogTime } from "./log-time.ts";
import { parseMoment } from "./parse-moment.ts";
import type { LogLook } from "./print-log.ts";

/** How logs are to look by the flags. Throws InvalidArgument. */
export function logLook(flags: CommandInput["flags"]): LogLook {
  const limit = typeof flags["limit-bytes"] === "number" ? flags["limit-bytes"] : -1;
  const { attempt, grep, stream } = flags;
  if (typeof attempt === "number" && attempt < 0) {
    throw new StatusError("InvalidArgument", `--attempt: ${attempt} is below 0`);
  }
  return {
    format: flags.output === "jsonl" ? "jsonl" : "text",
    since: momentOf(flags, "since"),
    until: momentOf(flags, "until"),
    stream: stream === "stdout" || stream === "stderr" ? stream : undefined,
    timestamps: flags.timestamps === true,
    pattern: typeof grep === "string" && grep !== "" ? parseRegex(grep, "--grep") : undefined,
    limitBytes: limit >= 0 ? limit : undefined,
  };
}

function momentOf(flags: CommandInput["flags"], name: "since" | "until"): LogTime | undefined {
  const text = flags[name];
  if (typeof text !== "string" || text === "") return undefined;
  return parseMoment(text, Date.now(), `--${name}`);
}
