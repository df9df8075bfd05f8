import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { listOf } from "../cli/inspect-each.ts";
import { printError } from "../cli/print-error.ts";
import { resolveContainers, resolvePods } from "../cli/resolve-objects.ts";
import { CONTAINER_GOALS, type Goal, POD_GOALS } from "../cli/wait/awaited-state.ts";
import { type Ended, type WaitOptions, waitForGoal } from "../cli/wait/wait-for-goal.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";
import { escapeControl } from "../output/escape-control.ts";

const GOALS: readonly Goal[] = [...new Set([...CONTAINER_GOALS, ...POD_GOALS])];
/** Of a container whose status nobody knows, as podman tells it. */
const UNKNOWN_EXIT = -1;

/** Waits for a state of containers or pods. */
export const wait: Command = {
  spec: {
    name: "wait",
    summary: "wait until containers have ended, or for another state",
    description: [
      "Prints the exit status of each container that has ended, -1 where it was removed before",
      "anyone could ask; for other states the name. Status 0, or with --exit-code the first of the",
      "containers' own that is not 0; 1 at --timeout, and where the state will never come: a",
      "container runs once. Only --for created waits for what is not there yet.",
    ].join("\n"),
    examples: [
      { line: "crish wait job", meaning: "Until it has ended; prints its exit status" },
      { line: "crish wait --for running --timeout 30s web db", meaning: "Until both run" },
      {
        line: "crish wait --any --exit-code a b",
        meaning: "The first one's status is crish's own",
      },
      { line: "crish wait --pods --for ready web", meaning: "Until the pod is ready" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container; pods with --pods",
        required: true,
        variadic: true,
        completion: "container",
      },
    ],
    flags: [
      {
        name: "for",
        type: "enum",
        values: GOALS,
        meaning: "the state (default exited; notready with --pods)",
        placeholder: "STATE",
      },
      { name: "pods", aliases: ["pod"], short: "p", type: "boolean", meaning: "wait for pods" },
      {
        name: "timeout",
        type: "duration",
        meaning: "how long at most; 0 looks once",
        placeholder: "DURATION",
      },
      { name: "any", type: "boolean", meaning: "for the first one; its name is printed too" },
      {
        name: "exit-code",
        type: "boolean",
        meaning: "end with the status of the containers",
        exclusive: ["pods"],
      },
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const options = readOptions(context, listOf(args.container), flags);
    let status: number = EXIT.success;
    for await (const ended of waitForGoal(context, options)) {
      const own = await report(context, ended, { options, flags });
      if (status === EXIT.success) status = own;
    }
    return status;
  },
};

function readOptions(
  context: Context,
  references: readonly string[],
  flags: CommandInput["flags"],
): WaitOptions {
  const isPods = flags.pods === true;
  const goals: readonly string[] = isPods ? POD_GOALS : CONTAINER_GOALS;
  const goal = flags.for ?? (isPods ? "notready" : "exited");
  if (!isGoal(goal) || !goals.includes(goal)) {
    const kind = isPods ? "pod" : "container";
    throw new StatusError("InvalidArgument", `a ${kind} is never ${String(goal)}`, {
      hint: isPods ? `there are ${goals.join(", ")}` : "pods are waited for with --pods",
    });
  }
  if (flags["exit-code"] === true && goal !== "exited") {
    throw new StatusError("InvalidArgument", "--exit-code is for containers that end");
  }
  const timeoutMs = typeof flags.timeout === "number" ? flags.timeout : undefined;
  if (timeoutMs !== undefined && timeoutMs < 0) {
    throw new StatusError("InvalidArgument", "--timeout is negative");
  }
  const any = flags.any === true;
  return { references, goal, timeoutMs, any, ...(isPods ? podLooks(context) : looks(context)) };
}

type Looks = Pick<WaitOptions, "kind" | "resolve" | "look">;

function looks(context: Context): Looks {
  return {
    kind: "container",
    resolve: (references) => resolveContainers(context, references),
    async look(signal) {
      const { runtime } = await context.backend();
      const call = { ...callOptions(context), signal };
      const { containers } = await runtime.listContainers({ filter: undefined }, call);
      return new Map(containers.map(({ id, state }) => [id, state]));
    },
  };
}

function podLooks(context: Context): Looks {
  return {
    kind: "pod",
    resolve: (references) => resolvePods(context, references),
    async look(signal) {
      const { runtime } = await context.backend();
      const call = { ...callOptions(context), signal };
      const { items } = await runtime.listPodSandbox({ filter: undefined }, call);
      return new Map(items.map(({ id, state }) => [id, state]));
    },
  };
}

interface ReportOptions {
  readonly options: WaitOptions;
  readonly flags: CommandInput["flags"];
}

/** Prints what has become of one; resolves to what it adds to the status. */
async function report(
  context: Context,
  ended: Ended,
  { options, flags }: ReportOptions,
): Promise<number> {
  if ("error" in ended) {
    await printError(context.stderr, ended.error);
    return toExitCode(ended.error);
  }
  const reference = escapeControl(ended.reference);
  if (options.goal !== "exited") {
    await context.stdout.write(`${reference}\n`);
    return EXIT.success;
  }
  const exitCode = (await askExitCode(context, ended.id)) ?? ended.toldExitCode ?? UNKNOWN_EXIT;
  await context.stdout.write(options.any ? `${reference} ${exitCode}\n` : `${exitCode}\n`);
  return flags["exit-code"] === true ? exitCode & 0xff : EXIT.success;
}

/** Undefined where the container is gone. */
async function askExitCode(context: Context, containerId: string): Promise<number | undefined> {
  const { runtime } = await context.backend();
  try {
    const request = { containerId, verbose: false };
    return (await runtime.containerStatus(request, callOptions(context))).status?.exitCode;
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}

function isGoal(value: unknown): value is Goal {
  return GOALS.some((goal) => goal === value);
}
