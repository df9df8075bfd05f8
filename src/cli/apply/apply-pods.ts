import { EXIT, toExitCode } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import { type DataSources, dataKey } from "../../manifest/data-source.ts";
import { type PodPlan, planPod } from "../../manifest/plan-pod.ts";
import { type Manifests, readManifests } from "../../manifest/read-manifests.ts";
import { usedData } from "../../manifest/used-data.ts";
import { escapeControl } from "../../output/escape-control.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { printError } from "../print-error.ts";
import { changesOf, findExisting } from "./compare-pod.ts";
import { createPod } from "./create-pod.ts";
import { readManifestFiles } from "./read-manifest-files.ts";
import { readNodeFacts } from "./read-node-facts.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import { type Started, startContainer } from "./start-container.ts";
import { waitForExisting } from "./wait-for-existing.ts";
import { type WaitFor, waitForPod } from "./wait-for-pod.ts";

/**
 * Applies what the files say. All of it is read and checked before anything happens; then one pod
 * after the other is made, and a failure of one is told and does not end the others. Resolves to the
 * first failure's status.
 */
export async function applyPods(
  context: Context,
  paths: readonly string[],
  flags: CommandInput["flags"],
): Promise<number> {
  const texts = await readManifestFiles(context, paths);
  const namespace = typeof flags.namespace === "string" ? flags.namespace : undefined;
  const manifests = await readManifests(texts, { namespace });
  if (manifests.pods.length === 0) {
    throw new StatusError("InvalidArgument", "there is no Pod in what was given");
  }
  const node = await readNodeFacts();
  const sources = manifests.data;
  const plans = manifests.pods.map((pod) => planPod(pod, { sources, node }));
  await warn(context, manifests, plans);
  if (flags["dry-run"] === true) {
    const { printConfigs } = await import("./print-configs.ts");
    return await printConfigs(context, { plans, sources, flags });
  }
  await refuseOtherNode(context);
  await removeLeftovers(context);
  let status: number = EXIT.success;
  for (const plan of plans) {
    try {
      await applyPod(context, { plan, sources, flags });
    } catch (error) {
      if (context.signal.aborted) throw error;
      await printError(context.stderr, withPod(error, plan, plans.length));
      if (status === EXIT.success) status = toExitCode(error);
    }
  }
  return status;
}

interface ApplyOptions {
  readonly plan: PodPlan;
  readonly sources: DataSources;
  readonly flags: CommandInput["flags"];
}

async function applyPod(context: Context, options: ApplyOptions): Promise<void> {
  const { plan, flags } = options;
  const { manifest } = plan.facts;
  const { name } = manifest.metadata;
  const wanted = waitForOf(flags);
  const existing = await findExisting(context, plan);
  if (existing.length > 0) {
    const changes = await changesOf(context, existing, options);
    if (changes.length === 0) {
      await context.stdout.write(`pod/${name} unchanged\n`);
      const [sandbox] = existing;
      if (sandbox === undefined || wanted === undefined) return;
      await within(context, options, async (limited) => {
        await waitForExisting(limited, sandbox, { manifest, wanted });
      });
      return;
    }
    if (flags.replace !== true) {
      throw new StatusError("FailedPrecondition", `pod "${name}" differs: ${changes.join(", ")}`, {
        hint: "--replace removes it and makes it anew",
      });
    }
  }
  await within(context, options, async (limited) => {
    const { making, started } = await createPod(limited, { ...options, replaced: existing });
    await context.stdout.write(`pod/${name} ${existing.length > 0 ? "replaced" : "created"}\n`);
    const restart = ({ container }: Started) =>
      startContainer(limited, making, { container, attempt: 1 });
    if (wanted !== undefined) await waitForPod(limited, { manifest, started, wanted, restart });
  });
}

/** --timeout, for all that is done about one pod. */
async function within(
  context: Context,
  { plan, flags }: ApplyOptions,
  work: (limited: Context) => Promise<void>,
): Promise<void> {
  const timeoutMs = flags.timeout;
  if (typeof timeoutMs !== "number" || timeoutMs <= 0) return await work(context);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await work({ ...context, signal });
  } catch (error) {
    if (!signal.aborted || context.signal.aborted) throw error;
    const { name } = plan.facts.manifest.metadata;
    throw new StatusError("Aborted", `pod "${name}" was not ready in the time of --timeout`);
  }
}

function waitForOf({ wait }: CommandInput["flags"]): WaitFor | undefined {
  return wait === "running" || wait === "completed" ? wait : undefined;
}

async function refuseOtherNode(context: Context): Promise<void> {
  const { endpoint } = await context.backend();
  if (!/^tcp:/i.test(endpoint)) return;
  throw new StatusError(
    "FailedPrecondition",
    `volumes are files on the runtime's node, and "${endpoint}" may be another one`,
    { hint: "run crish on that node, over its unix socket" },
  );
}

async function warn(
  context: Context,
  { pods, data }: Manifests,
  plans: readonly PodPlan[],
): Promise<void> {
  for (const { facts, warnings } of plans) {
    for (const warning of warnings) {
      const line = `warning: pod/${facts.manifest.metadata.name}: ${warning}`;
      await context.stderr.write(`${escapeControl(line)}\n`);
    }
  }
  const used = new Set(
    pods.flatMap(({ manifest, namespace }) =>
      usedData(manifest.spec, namespace, data).map((source) => dataKey(source)),
    ),
  );
  for (const source of data.values()) {
    if (used.has(dataKey(source))) continue;
    const line = `warning: no pod here uses the ${source.kind} "${source.name}"`;
    await context.stderr.write(`${line}\n`);
  }
}

/** With several pods, whose failure it is. */
function withPod(error: unknown, { facts }: PodPlan, count: number): unknown {
  const { name } = facts.manifest.metadata;
  if (count === 1 || !(error instanceof StatusError) || error.message.includes(`pod "${name}"`)) {
    return error;
  }
  return new StatusError(error.code, `pod "${name}": ${error.message}`, {
    cause: error.cause,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
