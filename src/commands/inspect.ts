import { callOptions } from "../cli/call-options.ts";
import type { Command, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { CONTAINER_FILTER_FLAGS, documentFlags, QUIET_INFO_FLAG } from "../cli/flag-sets.ts";
import { type Inspection, inspectEach, listOf } from "../cli/inspect-each.ts";
import { resolveContainers } from "../cli/resolve-objects.ts";
import { selectContainers } from "../cli/select-containers.ts";
import { statusDocument } from "../cli/status-document.ts";
import type { Container, ContainerStatus } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { formatAge } from "../output/format-age.ts";
import { formatTime } from "../output/format-time.ts";
import type { VerboseLine } from "../output/verbose.ts";

const STATES = ["CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED", "CONTAINER_UNKNOWN"];

const ALL_FLAG: FlagSpec = {
  name: "all",
  short: "a",
  type: "boolean",
  meaning: "in every state",
};
const FILTER_NAMES = [...CONTAINER_FILTER_FLAGS, ALL_FLAG].map(({ name }) => name);

/** Prints all that is known of containers. */
export const inspect: Command = {
  spec: {
    name: "inspect",
    summary: "show all that is known of containers",
    description: "Without a container: of all that run, or of those that the filters leave.",
    examples: [
      { line: "crish inspect web", meaning: "One container" },
      { line: "crish inspect --state exited -o yaml", meaning: "All that have ended" },
      { line: "crish inspect web -o jsonpath={.info.pid}", meaning: "One value of it" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: false,
        unless: FILTER_NAMES,
        variadic: true,
        completion: "container",
      },
    ],
    flags: [...documentFlags(["table"]), QUIET_INFO_FLAG, ...CONTAINER_FILTER_FLAGS, ALL_FLAG],
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.container);
    const items =
      references.length > 0
        ? await resolveContainers(context, references)
        : (await selectContainers(context, flags, { defaultState: "running" })).containers.map(
            (object) => ({ reference: object.id, object }),
          );
    return await inspectEach(context, flags, items, (container) =>
      inspectOne(context, container, flags.quiet !== true),
    );
  },
};

async function inspectOne(
  context: Context,
  { id }: Container,
  verbose: boolean,
): Promise<Inspection> {
  const { runtime } = await context.backend();
  const { status, info } = await runtime.containerStatus(
    { containerId: id, verbose },
    callOptions(context),
  );
  if (status === undefined) throw new StatusError("NotFound", `container "${id}" not found`);
  return {
    document: await statusDocument("ContainerStatus", status, info),
    lines: verboseLines(status, info),
  };
}

function verboseLines(
  status: ContainerStatus,
  info: Readonly<Record<string, string>>,
): VerboseLine[] {
  const attempt = status.metadata?.attempt ?? 0;
  return [
    ["ID", status.id],
    ["Name", status.metadata?.name ?? ""],
    ...(attempt === 0 ? [] : [["Attempt", String(attempt)] as const]),
    ["State", STATES[status.state] ?? "CONTAINER_UNKNOWN"],
    ["Created", formatAge(status.createdAt, Date.now())],
    ["Started", formatTime(status.startedAt)],
    ["Finished", formatTime(status.finishedAt)],
    ["Exit Code", String(status.exitCode)],
    ...(status.reason === "" ? [] : [["Reason", status.reason] as const]),
    ["Labels", status.labels],
    ["Annotations", status.annotations],
    ["Info", info],
  ];
}
