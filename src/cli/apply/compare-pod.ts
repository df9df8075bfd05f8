import { type PodSandbox, PodSandboxState } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { type DataSources, dataKey } from "../../manifest/data-source.ts";
import { diffValues } from "../../manifest/diff-values.ts";
import type { PodPlan } from "../../manifest/plan-pod.ts";
import { readAppliedManifest } from "../../manifest/read-applied-manifest.ts";
import { usedData } from "../../manifest/used-data.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { readKeptData, readPodRecord, toKeptData } from "./applied-record.ts";
import { podFiles } from "./pod-files.ts";

/** The pods of that name. Throws AlreadyExists for one that apply has not made. */
export async function findExisting(
  context: Context,
  { facts }: PodPlan,
): Promise<readonly PodSandbox[]> {
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
export async function changesOf(
  context: Context,
  existing: readonly PodSandbox[],
  { plan, sources }: { readonly plan: PodPlan; readonly sources: DataSources },
): Promise<readonly string[]> {
  const { manifest, namespace } = plan.facts;
  const sandbox = existing[0];
  const { metadata } = sandbox ?? {};
  if (sandbox === undefined || metadata === undefined) return [];
  if (sandbox.state !== PodSandboxState.SANDBOX_READY) return ["it is not ready"];
  const files = podFiles(context.env, metadata);
  if (readPodRecord(files)?.isMade === false) return ["it was not finished"];
  const before = readAppliedManifest(sandbox);
  const changes = diffValues(before, JSON.parse(JSON.stringify(manifest)));
  const kept = readKeptData(files) ?? [];
  const known = new Map(kept.map((data) => [dataKey({ ...data, namespace }), data.values]));
  for (const source of usedData(manifest.spec, namespace, sources)) {
    const data = toKeptData(source);
    const was = known.get(dataKey({ ...data, namespace })) ?? {};
    const keys = diffValues(was, data.values);
    // A key may hold dots: it is named whole, and its value never.
    if (keys.length > 0) changes.push(`${data.kind} "${data.name}" (${keys.join(", ")})`);
  }
  return changes;
}
