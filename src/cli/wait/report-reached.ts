import type { Container, PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode } from "../../errors/status-error.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { formatTime } from "../../output/format-time.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { parseFormat } from "../output-format.ts";
import { needSandboxes, podOf } from "../pod-facts.ts";
import { stateWord } from "./awaited-state.ts";
import type { Ended, WaitOptions } from "./wait-for-goal.ts";

/** One that has reached what was waited for. */
export type Reached = Exclude<Ended, { readonly error: unknown }>;

export interface WaitReport {
  /** Prints one; resolves to the exit status of a container that ended, else to 0. */
  tell(reached: Reached): Promise<number>;
  /** Prints what is one document of all. */
  end(): Promise<void>;
}

/** What is known of the objects since they were found: they may be gone by the time they are told. */
export interface KnownWaited {
  readonly containers: ReadonlyMap<string, Container>;
  readonly pods: ReadonlyMap<string, PodSandbox>;
}

/** Of a container whose status nobody knows, as podman tells it. */
const UNKNOWN_EXIT = -1;

/**
 * How wait prints, by --output. Each as soon as it is told, but for -o json and yaml, which are one
 * document: an object where one was waited for, else a list. Throws InvalidArgument for a wrong template.
 */
export async function prepareReport(
  context: Context,
  flags: CommandInput["flags"],
  { options, known }: { readonly options: WaitOptions; readonly known: KnownWaited },
): Promise<WaitReport> {
  const { stdout } = context;
  if (flags.output === undefined && flags.template === undefined) {
    return { tell: (reached) => tellPlainly(context, options, reached), end: async () => {} };
  }
  const { kind } = parseFormat(flags);
  if (kind === "name") {
    return {
      async tell(reached) {
        const { document, exitCode } = await lookAt(context, reached, { options, known });
        const { namespace, pod, name } = document;
        const path = [namespace, pod, name].filter((part) => part !== undefined);
        await stdout.write(`${escapeControl(path.join("/") || reached.reference)}\n`);
        return exitCode;
      },
      end: async () => {},
    };
  }
  const { prepareDocuments } = await import("../render-documents.ts");
  const render = await prepareDocuments(flags, context.cwd);
  const isWhole = kind === "json" || kind === "yaml";
  const isOne = options.any || options.references.length === 1;
  const all: Readonly<Record<string, unknown>>[] = [];
  return {
    async tell(reached) {
      const { document, exitCode } = await lookAt(context, reached, { options, known });
      if (isWhole) all.push(document);
      else await stdout.write(await render([document]));
      return exitCode;
    },
    async end() {
      if (isWhole && (all.length > 0 || !isOne)) await stdout.write(await render(all, !isOne));
    },
  };
}

async function tellPlainly(
  context: Context,
  { goal, any }: WaitOptions,
  { reference, id, toldExitCode }: Reached,
): Promise<number> {
  const shown = escapeControl(reference);
  if (goal !== "exited") {
    await context.stdout.write(`${shown}\n`);
    return 0;
  }
  const exitCode = (await askStatus(context, id))?.exitCode ?? toldExitCode ?? UNKNOWN_EXIT;
  await context.stdout.write(any ? `${shown} ${exitCode}\n` : `${exitCode}\n`);
  return exitCode;
}

interface Looked {
  readonly document: {
    readonly namespace: string | undefined;
    readonly pod?: string | undefined;
    readonly name: string | undefined;
    readonly [key: string]: unknown;
  };
  readonly exitCode: number;
}

async function lookAt(
  context: Context,
  reached: Reached,
  { options, known }: { readonly options: WaitOptions; readonly known: KnownWaited },
): Promise<Looked> {
  const { reference, id } = reached;
  if (options.kind === "pod") {
    const metadata = known.pods.get(id)?.metadata;
    const state = (await findPod(context, id))?.state;
    const { name, namespace } = metadata ?? {};
    const word = wordOf({ kind: "pod", reference, state });
    return { document: { kind: "pod", id, reference, name, namespace, state: word }, exitCode: 0 };
  }
  const status = await askStatus(context, id);
  const state = wordOf({ kind: "container", reference, state: status?.state });
  const hasEnded = options.goal === "exited" || state === "exited";
  const exitCode = status?.exitCode ?? reached.toldExitCode ?? UNKNOWN_EXIT;
  const { reason, finishedAt } = status ?? {};
  const container = known.containers.get(id);
  const document = {
    kind: "container",
    id,
    reference,
    name: container?.metadata?.name,
    ...(await podNames(context, container)),
    state,
    ...(hasEnded ? { exitCode } : {}),
    ...(hasEnded && reason ? { reason } : {}),
    ...(hasEnded && finishedAt ? { finishedAt: formatTime(finishedAt) } : {}),
  };
  return { document, exitCode: hasEnded ? exitCode : 0 };
}

function wordOf(watched: Parameters<typeof stateWord>[0]): string {
  return watched.state === undefined ? "removed" : stateWord(watched).replace(" ", "");
}

/** Absent where neither labels nor the pod, which may be gone, tell them. */
async function podNames(
  context: Context,
  container: Container | undefined,
): Promise<{ readonly pod?: string; readonly namespace: string | undefined }> {
  if (container === undefined) return { namespace: undefined };
  const needsPod = needSandboxes([container]);
  const pod = needsPod ? await findPod(context, container.podSandboxId) : undefined;
  if (needsPod && pod === undefined) return { namespace: undefined };
  const { name, namespace } = podOf(container, pod === undefined ? [] : [pod]);
  return { pod: name, namespace };
}

/** Undefined where the container is gone. */
async function askStatus(context: Context, containerId: string) {
  const { runtime } = await context.backend();
  const request = { containerId, verbose: false };
  try {
    return (await runtime.containerStatus(request, callOptions(context))).status;
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}

/** Undefined where the pod is gone. */
async function findPod(context: Context, podSandboxId: string): Promise<PodSandbox | undefined> {
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  return items.find(({ id }) => id === podSandboxId);
}
