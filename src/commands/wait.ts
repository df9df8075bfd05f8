import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { outputFlag, TEMPLATE_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { printError } from "../cli/print-error.ts";
import { type Resolved, resolveContainers, resolvePods } from "../cli/resolve-objects.ts";
import { CONTAINER_GOALS, type Goal, POD_GOALS } from "../cli/wait/awaited-state.ts";
import { prepareReport } from "../cli/wait/report-reached.ts";
import { type WaitOptions, waitForGoal } from "../cli/wait/wait-for-goal.ts";
import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";

const GOALS: readonly Goal[] = [...new Set([...CONTAINER_GOALS, ...POD_GOALS])];
/** Without a default: plain lines are the verb's own. */
const { default: _, ...OUTPUT_FLAG }: FlagSpec = {
  ...outputFlag(["json", "jsonl", "yaml", "name", "go-template", "jsonpath"], ""),
  meaning: "print each with its pod, state and exit status in this format",
};

/** Waits for a state of containers or pods. */
export const wait: Command = {
  spec: {
    name: "wait",
    summary: "wait until containers have ended, or for another state",
    description: [
      "Prints the exit status of each container that has ended, -1 where it was removed before",
      "anyone could ask; for other states the name. Status 0, or with --exit-code the first of the",
      "containers' own that is not 0; 1 at --timeout, and where the state will never come: a",
      "container runs once. Only --for created waits for what is not there yet. With -o json and yaml",
      "all is printed at the end, in the other formats each as it is reached.",
    ].join("\n"),
    examples: [
      { line: "crish wait job", meaning: "Until it has ended; prints its exit status" },
      { line: "crish wait --for running --timeout 30s web db", meaning: "Until both run" },
      {
        line: "crish wait --any --exit-code a b",
        meaning: "The first one's status is crish's own",
      },
      { line: "crish wait --pods --for ready web", meaning: "Until the pod is ready" },
      { line: "crish wait -o jsonl a b", meaning: "A line of JSON for each that has ended" },
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
      OUTPUT_FLAG,
      TEMPLATE_FLAG,
    ],
    object: "container",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const known = { containers: new Map<string, Container>(), pods: new Map<string, PodSandbox>() };
    const options = readOptions(context, listOf(args.container), { flags, known });
    const report = await prepareReport(context, flags, { options, known });
    const takesExitCode = flags["exit-code"] === true;
    let status: number = EXIT.success;
    for await (const ended of waitForGoal(context, options)) {
      let own: number;
      if ("error" in ended) {
        await printError(context.stderr, ended.error);
        own = toExitCode(ended.error);
      } else {
        const exitCode = await report.tell(ended);
        own = takesExitCode ? exitCode & 0xff : EXIT.success;
      }
      if (status === EXIT.success) status = own;
    }
    await report.end();
    return status;
  },
};

function readOptions(
  context: Context,
  references: readonly string[],
  { flags, known }: { readonly flags: CommandInput["flags"]; readonly known: Found },
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
  return {
    references,
    goal,
    timeoutMs,
    any,
    ...(isPods ? podLooks(context, known.pods) : looks(context, known.containers)),
  };
}

interface Found {
  readonly containers: Map<string, Container>;
  readonly pods: Map<string, PodSandbox>;
}

type Looks = Pick<WaitOptions, "kind" | "resolve" | "look">;

function looks(context: Context, known: Found["containers"]): Looks {
  return {
    kind: "container",
    resolve: async (references) => keep(await resolveContainers(context, references), known),
    async look(signal) {
      const { runtime } = await context.backend();
      const call = { ...callOptions(context), signal };
      const { containers } = await runtime.listContainers({ filter: undefined }, call);
      return new Map(containers.map(({ id, state }) => [id, state]));
    },
  };
}

function podLooks(context: Context, known: Found["pods"]): Looks {
  return {
    kind: "pod",
    resolve: async (references) => keep(await resolvePods(context, references), known),
    async look(signal) {
      const { runtime } = await context.backend();
      const call = { ...callOptions(context), signal };
      const { items } = await runtime.listPodSandbox({ filter: undefined }, call);
      return new Map(items.map(({ id, state }) => [id, state]));
    },
  };
}

/** What is found may be gone when it is told of. */
function keep<T extends { readonly id: string }>(
  found: readonly Resolved<T>[],
  known: Map<string, T>,
): readonly Resolved<T>[] {
  for (const each of found) if ("object" in each) known.set(each.object.id, each.object);
  return found;
}

function isGoal(value: unknown): value is Goal {
  return GOALS.some((goal) => goal === value);
}
