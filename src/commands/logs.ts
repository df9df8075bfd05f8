import type { Command } from "../cli/command.ts";
import { CONTAINER_FILTER_FLAGS } from "../cli/flag-sets.ts";

/** --label, and others of `ps` that choose containers here, without letters: those are crictl's. */
const SELECTING_FLAGS = ["pod", "label", "name", "namespace"].flatMap((name) =>
  CONTAINER_FILTER_FLAGS.filter((flag) => flag.name === name).map(
    ({ short: _, fromContext: __, notFromContextWith: ___, ...flag }) => flag,
  ),
);

/** Prints the logs of containers from their files on this node. */
export const logs: Command = {
  spec: {
    name: "logs",
    summary: "print the logs of containers",
    description: [
      "Reads the containers' log files on this node: CRI format or Docker's json-file, rotated and",
      "compressed ones too. What a container wrote to stdout goes to stdout, the rest to stderr; a",
      "line of neither format is shown as it is. Of several containers lines come in the order of",
      "their times, and while they are followed in the order in which they arrive. --follow goes on",
      "through rotation until the containers have ended; those that start in the pod meanwhile",
      "join. With --label it goes on until Ctrl-C.",
    ].join("\n"),
    examples: [
      { line: "crish logs web", meaning: "All of it" },
      { line: "crish logs -f --tail 10 web", meaning: "The last ten lines, and what comes" },
      { line: "crish logs --since 5m -t -s stderr web", meaning: "Errors of five minutes, timed" },
      { line: "crish logs -f --label app=web", meaning: "Of all containers of such pods" },
      { line: "crish logs --all-attempts web", meaning: "From the first start on" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, namespace/pod/container, or a pod for all of its own",
        required: true,
        unless: ["pod", "label", "name", "namespace"],
        variadic: true,
        choosesOne: true,
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
        exclusive: ["follow", "attempt", "all-attempts"],
      },
      {
        name: "attempt",
        type: "integer",
        meaning: "the log of that attempt, counted from 0",
        placeholder: "N",
        exclusive: ["follow", "all-attempts"],
      },
      {
        name: "all-attempts",
        type: "boolean",
        meaning: "the logs of all attempts, the oldest first",
        exclusive: ["follow"],
      },
      ...SELECTING_FLAGS,
      {
        name: "all-containers",
        type: "boolean",
        meaning: "nothing: a pod's containers are always all meant",
        hidden: true,
      },
      {
        name: "prefix",
        type: "boolean",
        meaning: "[pod/container] before each line; given where there are several",
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
        meaning: "only that many last lines of each; -1 is all",
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
  async run(context, input) {
    const { runLogs } = await import("../cli/logs/run-logs.ts");
    return await runLogs(context, input);
  },
  endsAtInterrupt: (_context, { flags }) => flags.follow === true,
};
