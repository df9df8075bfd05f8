import type { PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { readAppliedManifest } from "../../manifest/read-applied-manifest.ts";
import { type PodName, readPodNames } from "../../manifest/read-manifests.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput, CommandSpec } from "../command.ts";
import type { Context } from "../context.ts";
import { describePods } from "../describe-containers.ts";
import { destroyEach } from "../destroy-each.ts";
import { type Resolved, resolvePods } from "../resolve-objects.ts";
import { readManifestFiles } from "./read-manifest-files.ts";
import { removeAppliedPod } from "./remove-applied-pod.ts";
import { removeLeftovers } from "./remove-leftovers.ts";

export interface DeleteOptions {
  readonly spec: CommandSpec;
  readonly references: readonly string[];
  readonly files: readonly string[];
  readonly flags: CommandInput["flags"];
}

/** Removes the pods that are named, by themselves or in manifests. Resolves to the status. */
export async function deletePods(context: Context, options: DeleteOptions): Promise<number> {
  const { spec, flags } = options;
  const items = await wantedPods(context, options);
  const grace = flags["grace-period"];
  const status = await destroyEach(context, {
    spec,
    flags,
    items,
    describe: async (pods) => describePods(pods),
    refusal: (pod, reference) =>
      readAppliedManifest(pod) === undefined ? notApplied(reference) : undefined,
    async action(pod) {
      await removeAppliedPod(context, pod, {
        graceSeconds: typeof grace === "number" ? grace : undefined,
        signal: context.signal,
      });
      return `pod/${pod.metadata?.name ?? pod.id} deleted\n`;
    },
  });
  if (flags["dry-run"] !== true) await removeLeftovers(context);
  return status;
}

function notApplied(reference: string): StatusError {
  return new StatusError("FailedPrecondition", `apply has not made the pod "${reference}"`, {
    hint: `crish rmp -f ${reference} removes it`,
  });
}

async function wantedPods(
  context: Context,
  { references, files, flags }: DeleteOptions,
): Promise<readonly Resolved<PodSandbox>[]> {
  const namespace = typeof flags.namespace === "string" ? flags.namespace : undefined;
  const words = references.map((word) => {
    const name = word.replace(/^pods?\//, "");
    return namespace === undefined || name.includes("/") ? name : `${namespace}/${name}`;
  });
  const byWord = words.length === 0 ? [] : await resolvePods(context, words);
  const texts = await readManifestFiles(context, files);
  const names = await readPodNames(texts, { namespace });
  if (files.length > 0 && names.length === 0) {
    throw new StatusError("InvalidArgument", "there is no Pod in what was given");
  }
  const all = [...byWord, ...(await findByName(context, names))];
  if (flags["ignore-not-found"] !== true) return all;
  return all.filter((item) => !("error" in item && hasCode(item.error, "NotFound")));
}

async function findByName(
  context: Context,
  names: readonly PodName[],
): Promise<readonly Resolved<PodSandbox>[]> {
  if (names.length === 0) return [];
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  return names.flatMap(({ namespace, name }): readonly Resolved<PodSandbox>[] => {
    const reference = `${namespace}/${name}`;
    const found = items.filter(
      ({ metadata }) => metadata?.name === name && metadata.namespace === namespace,
    );
    if (found.length > 0) return found.map((object) => ({ reference, object }));
    return [{ reference, error: new StatusError("NotFound", `no pod "${reference}"`) }];
  });
}
