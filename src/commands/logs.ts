import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { findLog, findPreviousLog } from "../cli/logs/find-log.ts";
import type { LogFilter } from "../cli/logs/log-decoder.ts";
import { parseSince } from "../cli/logs/parse-since.ts";
import { readLog } from "../cli/logs/read-log.ts";
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
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const filter = logFilter(flags);
    const container = await resolveContainer(context, String(args.container));
    const { runtime } = await context.backend();
    if (flags.reopen === true) {
      await runtime.reopenContainerLog({ containerId: container.id }, callOptions(context));
    }
    const path =
      flags.previous === true
        ? await findPreviousLog(context, container)
        : await findLog(context, container.id);
    const tail = typeof flags.tail === "number" && flags.tail >= 0 ? flags.tail : undefined;
    const follow = flags.follow === true ? () => isRunning(context, container.id) : undefined;
    // A container that has not started yet has written nothing: that is an empty log.
    const mayBeMissing = container.state === ContainerState.CONTAINER_CREATED;
    try {
      const chunks = readLog(path, { ...filter, tailLines: tail, follow, signal: context.signal });
      for await (const segments of chunks) {
        for (const { stream, bytes } of segments) await context[stream].write(bytes);
      }
    } catch (error) {
      if (!(mayBeMissing && hasCode(error, "NotFound"))) throw error;
    }
    return 0;
  },
};

function logFilter(flags: CommandInput["flags"]): LogFilter {
  const limit = typeof flags["limit-bytes"] === "number" ? flags["limit-bytes"] : -1;
  return {
    since:
      typeof flags.since === "string" && flags.since !== ""
        ? parseSince(flags.since, Date.now())
        : undefined,
    stream: flags.stream === "stdout" || flags.stream === "stderr" ? flags.stream : undefined,
    timestamps: flags.timestamps === true,
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
