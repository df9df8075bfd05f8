import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { NO_TRUNC_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { type List, plainDocument } from "../cli/list-output/list.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { prepareList } from "../cli/list-output/print-list.ts";
import { parseFormat } from "../cli/output-format.ts";
import { podOf } from "../cli/pod-facts.ts";
import { findOwner, type Owner } from "../cli/processes/find-owner.ts";
import { requireThisNode } from "../cli/processes/node-of-runtime.ts";
import { processInInfo } from "../cli/processes/process-in-info.ts";
import { reportFound } from "../cli/report-found.ts";
import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { readIfPresent } from "../host/read-if-present.ts";
import { shortId } from "../output/short-id.ts";

/** As --columns has them. */
const COLUMNS = ["pid", "command", "role", "container", "name", "pod", "namespace", "pod-id"];

/** Tells to which container a process of the node belongs. */
export const whois: Command = {
  spec: {
    name: "whois",
    summary: "show which container or pod a process of this node belongs to",
    description: [
      "ROLE is main for the process that the container is, inside for what it or an exec started,",
      "pause for the process that holds a pod's namespaces, and shim for the one that holds it.",
      "The other way round: pid.",
    ].join("\n"),
    examples: [
      { line: "crish whois 4711", meaning: "The container of a process that top shows" },
      { line: "crish whois -q $(pgrep java)", meaning: "IDs of the containers that have one" },
    ],
    args: [
      {
        name: "pid",
        meaning: "number of a process, as the node counts",
        required: true,
        variadic: true,
        completion: "none",
      },
    ],
    flags: [
      {
        name: "quiet",
        short: "q",
        type: "boolean",
        meaning: "print IDs alone, each once: of the container, else of the pod",
      },
      NO_TRUNC_FLAG,
      ...onceListFlags(COLUMNS),
    ],
    group: "containers",
  },
  async run(context, { args, flags }) {
    const pids = listOf(args.pid).map(parsePid);
    const print = await prepareList(context, flags);
    await requireThisNode(context, "these processes are");
    const { runtime } = await context.backend();
    const call = callOptions(context);
    const [{ containers }, { items: pods }] = await Promise.all([
      runtime.listContainers({ filter: undefined }, call),
      runtime.listPodSandbox({ filter: undefined }, call),
    ]);
    const pending = pids.map((pid) => identify(context, pid, { containers, pods }));
    return await reportFound(context, pending, (found) => print(processList(found, flags)));
  },
};

function parsePid(word: string): number {
  const pid = /^\d+$/.test(word) ? Number(word) : 0;
  if (pid > 0 && Number.isSafeInteger(pid)) return pid;
  throw new StatusError("InvalidArgument", `"${word}" is not the number of a process`);
}

interface Objects {
  readonly containers: readonly Container[];
  readonly pods: readonly PodSandbox[];
}

interface Found {
  readonly pid: number;
  readonly command: string;
  readonly role: "main" | "inside" | "pause" | "shim";
  /** Empty where the process is of the pod alone. */
  readonly container: string;
  readonly name: string;
  readonly podId: string;
  readonly pod: string;
  readonly namespace: string;
}

/** Throws NotFound for a process that is not there, and for one that no container has. */
async function identify(
  context: Context,
  pid: number,
  { containers, pods }: Objects,
): Promise<Found> {
  const command = readIfPresent(`/proc/${pid}/comm`)?.trimEnd();
  if (command === undefined) throw new StatusError("NotFound", `process "${pid}" is not there`);
  const owner = findOwner(pid, {
    containers: new Set(containers.map(({ id }) => id)),
    pods: new Set(pods.map(({ id }) => id)),
  });
  if (owner === undefined) throw ownedByNone(pid, command);
  const role = await roleOf(context, pid, owner);
  const container = containers.find(({ id }) => owner.kind === "container" && id === owner.id);
  const podId = container?.podSandboxId ?? owner.id;
  const sandbox = pods.find(({ id }) => id === podId)?.metadata;
  const { name = "", namespace = "" } =
    container === undefined ? (sandbox ?? {}) : podOf(container, pods);
  return {
    pid,
    command,
    role,
    container: container?.id ?? "",
    name: container?.metadata?.name ?? "",
    podId,
    pod: name,
    namespace,
  };
}

function ownedByNone(pid: number, command: string): StatusError {
  const cgroup = readIfPresent(`/proc/${pid}/cgroup`)?.trimEnd().split("\n").at(-1);
  const path = cgroup?.slice(cgroup.lastIndexOf(":") + 1) || "/";
  const message = `process "${pid}" (${command}) belongs to no container of this runtime`;
  return new StatusError("NotFound", message, { hint: `its cgroup is ${path}` });
}

async function roleOf(context: Context, pid: number, owner: Owner): Promise<Found["role"]> {
  if (owner.isShim) return "shim";
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const { id } = owner;
  const isPod = owner.kind === "pod";
  try {
    const { info } = isPod
      ? await runtime.podSandboxStatus({ podSandboxId: id, verbose: true }, call)
      : await runtime.containerStatus({ containerId: id, verbose: true }, call);
    if (processInInfo(info.info) === pid) return isPod ? "pause" : "main";
  } catch (error) {
    // It may have ended just now; that the process was in there is known.
    if (context.signal.aborted) throw error;
  }
  return "inside";
}

/** The formats in which -q leaves IDs alone; a document stays whole. */
const PRINTED_AS_IDS: readonly string[] = ["table", "wide", "custom-columns"];

function processList(found: readonly Found[], flags: CommandInput["flags"]): List<Found> {
  const cut = (id: string) => (flags["no-trunc"] === true ? id : shortId(id));
  const isIds = flags.quiet === true && PRINTED_AS_IDS.includes(parseFormat(flags).kind);
  return {
    items: isIds ? oncePerOwner(found) : found,
    document: plainDocument,
    whole: (processes) => ({ processes: [...processes] }),
    id: ownerOf,
    reference: ({ namespace, pod, name }) =>
      name === "" ? `${namespace}/${pod}` : `${namespace}/${pod}/${name}`,
    rows: (process) => [process],
    dispensable: [],
    columns: [
      { title: "PID", cell: ({ pid }) => String(pid) },
      { title: "COMMAND", cell: ({ command }) => command },
      { title: "ROLE", cell: ({ role }) => role },
      { title: "CONTAINER", cell: ({ container }) => (container === "" ? "-" : cut(container)) },
      { title: "NAME", cell: ({ name }) => (name === "" ? "-" : name) },
      { title: "POD", cell: ({ pod }) => pod },
      { title: "NAMESPACE", cell: ({ namespace }) => namespace },
      { title: "POD ID", cell: ({ podId }) => cut(podId), shown: "wide" },
    ],
  };
}

function ownerOf({ container, podId }: Found): string {
  return container || podId;
}

function oncePerOwner(found: readonly Found[]): readonly Found[] {
  return [...new Map(found.map((each) => [ownerOf(each), each])).values()];
}
