import { type PodSandbox, PodSandboxState } from "../../cri/gen/runtime/v1/api.ts";
import { EXIT, toExitCode } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import { type DataSources, dataKey } from "../../manifest/data-source.ts";
import { diffValues } from "../../manifest/diff-values.ts";
import { type PodPlan, planPod } from "../../manifest/plan-pod.ts";
import { readAppliedManifest } from "../../manifest/read-applied-manifest.ts";
import { type Manifests, readManifests } from "../../manifest/read-manifests.ts";
import { usedData } from "../../manifest/used-data.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { printError } from "../print-error.ts";
import { readAppliedRecord, toRecordedData } from "./applied-record.ts";
import { createPod } from "./create-pod.ts";
import { podFiles } from "./pod-files.ts";
import { readManifestFiles } from "./read-manifest-files.ts";
import { readNodeFacts } from "./read-node-facts.ts";
import { removeAppliedPod } from "./remove-applied-pod.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
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
  const existing = await findExisting(context, plan);
  if (existing.length > 0) {
    const changes = await changesOf(context, existing, options);
    if (changes.length === 0) {
      await context.stdout.write(`pod/${name} unchanged\n`);
      return;
    }
    if (flags.replace !== true) {
      throw new StatusError("FailedPrecondition", `pod "${name}" differs: ${changes.join(", ")}`, {
        hint: "--replace removes it and makes it anew",
      });
    }
    for (const sandbox of existing) {
      await removeAppliedPod(context, sandbox, {
        graceSeconds: undefined,
        signal: context.signal,
      });
    }
  }
  const limited = limitTime(context, flags);
  const wait = flags.wait;
  try {
    const created = await createPod(limited, options);
    await context.stdout.write(`pod/${name} ${existing.length > 0 ? "replaced" : "created"}\n`);
    if (wait === "running" || wait === "completed")
      await waitForPod(limited, created, wait as WaitFor);
  } catch (error) {
    if (!limited.signal.aborted || context.signal.aborted) throw error;
    throw new StatusError("Aborted", `pod "${name}" was not ready in the time of --timeout`);
  }
}

/** --timeout, for all that is done about one pod. */
function limitTime(context: Context, flags: CommandInput["flags"]): Context {
  const timeoutMs = flags.timeout;
  if (typeof timeoutMs !== "number" || timeoutMs <= 0) return context;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
  return { ...context, signal };
}

/** The pods of that name. Throws AlreadyExists for one that apply has not made. */
async function findExisting(context: Context, { facts }: PodPlan): Promise<readonly PodSandbox[]> {
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  const { name } = facts.manifest.metadata;
  const existing = items.filter(
    ({ metadata }) => metadata?.name === name && metadata.namespace === facts.namespace,
  );
  const sameUid = items.find(({ metadata }) => metadata?.uid === facts.uid);
  if (sameUid !== undefined && !existing.includes(sameUid)) {
    const why = `the UID "${facts.uid}" is that of the pod "${sameUid.metadata?.name}"`;
    throw new StatusError("AlreadyExists", why, { hint: "leave out metadata.uid" });
  }
  for (const sandbox of existing) {
    if (readAppliedManifest(sandbox) !== undefined) continue;
    throw new StatusError("AlreadyExists", `there is a pod "${name}" that apply has not made`, {
      hint: `crish rmp -f ${sandbox.id.slice(0, 13)} removes it`,
    });
  }
  return existing;
}

/** What speaks against leaving the pod as it is; nothing where it is what the files say. */
async function changesOf(
  context: Context,
  existing: readonly PodSandbox[],
  { plan, sources }: ApplyOptions,
): Promise<readonly string[]> {
  const { manifest, namespace } = plan.facts;
  const sandbox = existing[0];
  const { metadata } = sandbox ?? {};
  if (sandbox === undefined || metadata === undefined) return [];
  if (sandbox.state !== PodSandboxState.SANDBOX_READY) return ["it is not ready"];
  const before = readAppliedManifest(sandbox);
  const changes = diffValues(before, JSON.parse(JSON.stringify(manifest)));
  const record = await readAppliedRecord(podFiles(context.env, metadata));
  const known = new Map(
    (record?.data ?? []).map((data) => [dataKey({ ...data, namespace }), data.values]),
  );
  for (const data of toRecordedData(usedData(manifest.spec, namespace, sources))) {
    const was = known.get(dataKey({ ...data, namespace })) ?? {};
    const keys = diffValues(was, data.values);
    // A key may hold dots: it is named whole, and its value never.
    if (keys.length > 0) changes.push(`${data.kind} "${data.name}" (${keys.join(", ")})`);
  }
  return changes;
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
