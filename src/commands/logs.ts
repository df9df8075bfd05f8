import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { findLog, findPreviousLog } from "../cli/logs/find-log.ts";
import { parseMoment } from "../cli/logs/parse-moment.ts";
import { type LogLook, printLog } from "../cli/logs/print-log.ts";
import { parsePattern } from "../cli/parse-pattern.ts";
import { printError } from "../cli/print-error.ts";
import { resolveContainer } from "../cli/resolve-objects.ts";
import { ContainerState } from "../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";

/** Prints a container's log from its file on this node. */
export const logs: Command = {
  spec: {
    name: "logs",
    summary: "print the log of a container",
    description: [
      "Reads the container's log file on this node: CRI format or Docker's json-file. What the",
      "container wrote to stdout goes to stdout, the rest to stderr; a line of neither format is",
      "shown as it is. --follow goes on through rotation until the container has ended.",
    ].join("\n"),
    examples: [
      { line: "crish logs web", meaning: "All of it" },
      { line: "crish logs -f --tail 10 web", meaning: "The last ten lines, and what comes" },
      { line: "crish logs --since 5m -t -s stderr web", meaning: "Errors of five minutes, timed" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: true,
        completion: "container",
      },
    ],
    flags: [
      {
        name: "follow",
        short: "f",
        type: "boolean",
        meaning: "wait for more until it ends",
        prefersStates: ["running"],
      },
      {
        name: "previous",
        short: "p",
        type: "boolean",
        meaning: "the log of the attempt before this one",
        exclusive: ["follow"],
      },
      {
        name: "reopen",
        short: "r",
        type: "boolean",
        meaning: "have the runtime reopen the file first, as after a rotation",
      },
      {
        name: "tail",
        type: "integer",
        default: -1,
        meaning: "only that many last lines; -1 is all",
        placeholder: "LINES",
      },
      {
        name: "since",
        type: "string",
        meaning: "only newer lines: a duration, RFC 3339, or Unix time",
        placeholder: "TIME",
      },
      {
        name: "until",
        type: "string",
        meaning: "only older lines, as --since has it",
        placeholder: "TIME",
        exclusive: ["follow"],
      },
      {
        name: "grep",
        type: "string",
        meaning: "only lines that match, shown on a terminal",
        placeholder: "REGEX",
      },
      { name: "timestamps", short: "t", type: "boolean", meaning: "the time before each line" },
      {
        name: "stream",
        short: "s",
        type: "enum",
        values: ["stdout", "stderr"],
        meaning: "only one of the streams",
      },
      {
        name: "limit-bytes",
        type: "integer",
        default: -1,
        meaning: "stop after that many bytes; -1 is no limit",
        placeholder: "BYTES",
      },
      {
        name: "output",
        short: "o",
        type: "enum",
        values: ["text", "jsonl"],
        default: "text",
        meaning: "lines as they are, or an object for each",
        placeholder: "FORMAT",
      },
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const look = lookOf(flags);
    const container = await resolveContainer(context, String(args.container));
    const { runtime } = await context.backend();
    if (flags.reopen === true) {
      await runtime.reopenContainerLog({ containerId: container.id }, callOptions(context));
    }
    const path =
      flags.previous === true
        ? await findPreviousLog(context, container)
        : await findLog(context, container.id);
    const follow = flags.follow === true ? () => isRunning(context, container.id) : undefined;
    // A container that has not started yet has written nothing: that is an empty log.
    const mayBeMissing = container.state === ContainerState.CONTAINER_CREATED;
    try {
      const tail = typeof flags.tail === "number" && flags.tail >= 0 ? flags.tail : undefined;
      await printLog(context, path, {
        look,
        origin: { namespace: "", pod: "", container: container.metadata?.name ?? "" },
        tailLines: tail,
        follow,
        signal: context.signal,
        warn: (error) => void printError(context.stderr, error),
      });
    } catch (error) {
      if (!(mayBeMissing && hasCode(error, "NotFound"))) throw error;
    }
    return 0;
  },
};

function lookOf(flags: CommandInput["flags"]): LogLook {
  const limit = typeof flags["limit-bytes"] === "number" ? flags["limit-bytes"] : -1;
  const nowMs = Date.now();
  const moment = (flag: string) => {
    const text = flags[flag];
    return typeof text === "string" && text !== ""
      ? parseMoment(text, nowMs, `--${flag}`)
      : undefined;
  };
  return {
    format: flags.output === "jsonl" ? "jsonl" : "text",
    since: moment("since"),
    until: moment("until"),
    stream: flags.stream === "stdout" || flags.stream === "stderr" ? flags.stream : undefined,
    timestamps: flags.timestamps === true,
    pattern: parsePattern(flags.grep, "--grep"),
    limitBytes: limit >= 0 ? limit : undefined,
  };
}

/** Whether more may come. A runtime that does not answer for a moment ends nothing. */
async function isRunning(context: Context, containerId: string): Promise<boolean> {
  const { runtime } = await context.backend();
  try {
    const { status } = await runtime.containerStatus(
      { containerId, verbose: false },
      callOptions(context),
    );
    return (
      status?.state === ContainerState.CONTAINER_RUNNING ||
      status?.state === ContainerState.CONTAINER_CREATED
    );
  } catch (error) {
    if (hasCode(error, "NotFound")) return false;
    if (error instanceof StatusError) return true;
    throw error;
  }
}
