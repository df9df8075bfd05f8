import type { Image, PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { describe } from "../../errors/describe.ts";
import { StatusError } from "../../errors/status-error.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import { containerConfig } from "../../manifest/container-config.ts";
import type { DataSources } from "../../manifest/data-source.ts";
import type { PodFacts } from "../../manifest/downward.ts";
import type { PodPlan } from "../../manifest/plan-pod.ts";
import { sandboxConfig } from "../../manifest/sandbox-config.ts";
import { usedData } from "../../manifest/used-data.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { makeLogDirectory } from "../make-log-directory.ts";
import { noteMade, writeRecord } from "./applied-record.ts";
import { makeVolumes } from "./make-volumes.ts";
import { type PodFiles, podFiles, removePodFiles } from "./pod-files.ts";
import type { PodMaking } from "./pod-making.ts";
import { imageUserOf, pullPodImages } from "./pull-pod-images.ts";
import { removeAppliedPod } from "./remove-applied-pod.ts";
import { runInitContainers } from "./run-to-end.ts";
import { type Started, startContainer } from "./start-container.ts";

export interface CreateOptions {
  readonly plan: PodPlan;
  readonly sources: DataSources;
  /** Pods of that name: they are removed once the images of the new one are there. */
  readonly replaced: readonly PodSandbox[];
  /** --keep, and those of registries. */
  readonly flags: CommandInput["flags"];
}

/** A pod with all its containers started. */
export interface CreatedPod {
  readonly making: PodMaking;
  readonly started: readonly Started[];
}

/**
 * Makes a pod from its images to the start of its last container. A failure, and Ctrl-C, undoes all
 * of it unless --keep was given.
 */
export async function createPod(context: Context, options: CreateOptions): Promise<CreatedPod> {
  const { plan, sources, flags } = options;
  const { facts } = plan;
  const { name } = facts.manifest.metadata;
  const files = podFiles(context.env, { namespace: facts.namespace, name, uid: facts.uid });
  const config = sandboxConfig(facts, files.logs);
  const images = await pullPodImages(context, {
    pod: facts,
    sources,
    sandboxConfig: config,
    flags,
  });
  refuseRoot(options, images);
  for (const sandbox of options.replaced) {
    await removeAppliedPod(context, sandbox, { graceSeconds: undefined, signal: context.signal });
  }
  try {
    const podSandboxId = await runSandbox(context, { options, files });
    const pod = { ...facts, podIps: await podIpsOf(context, podSandboxId) };
    const volumes = await makeVolumes(plan.volumes, {
      files,
      signal: context.signal,
      ...fsGroupOf(facts),
    });
    const shared = { pod, sources, files, volumes, images };
    const making = { ...shared, sandboxConfig: config, podSandboxId };
    await runInitContainers(context, making);
    const started: Started[] = [];
    for (const container of pod.manifest.spec.containers) {
      throwIfAborted(context.signal);
      started.push(await startContainer(context, making, { container, attempt: 0 }));
    }
    await noteMade(files);
    return { making, started };
  } catch (error) {
    if (flags.keep === true)
      throw withHint(error, `what was made is kept: crish delete pod/${name}`);
    throw await undone(context, { facts, files, error });
  }
}

/** Only the image tells whether a container that must not run as root would. */
function refuseRoot({ plan, sources }: CreateOptions, images: ReadonlyMap<string, Image>): void {
  const { facts } = plan;
  const { spec } = facts.manifest;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const imageUser = imageUserOf(images.get(container.image));
    containerConfig({ container, pod: facts, sources, attempt: 0, mounts: [], imageUser });
  }
}

function fsGroupOf({ manifest }: PodFacts): { fsGroup?: number } {
  const fsGroup = manifest.spec.securityContext?.fsGroup;
  return fsGroup === undefined ? {} : { fsGroup };
}

async function runSandbox(
  context: Context,
  { options, files }: { options: CreateOptions; files: PodFiles },
): Promise<string> {
  const { facts } = options.plan;
  const { manifest, namespace, uid } = facts;
  const { runtime, endpoint } = await context.backend();
  await writeRecord(files, {
    endpoint,
    namespace,
    name: manifest.metadata.name,
    uid,
    data: usedData(manifest.spec, namespace, options.sources),
  });
  await makeLogDirectory(files.logs);
  const { podSandboxId } = await runtime.runPodSandbox(
    {
      config: sandboxConfig(facts, files.logs),
      runtimeHandler: manifest.spec.runtimeClassName ?? "",
    },
    callOptions(context),
  );
  return podSandboxId;
}

async function podIpsOf(context: Context, podSandboxId: string): Promise<readonly string[]> {
  const { runtime } = await context.backend();
  const request = { podSandboxId, verbose: false };
  const { status } = await runtime.podSandboxStatus(request, callOptions(context));
  const { ip = "", additionalIps = [] } = status?.network ?? {};
  return [ip, ...additionalIps.map((more) => more.ip)].filter((address) => address !== "");
}

interface Undoing {
  readonly facts: PodFacts;
  readonly files: PodFiles;
  readonly error: unknown;
}

/** The error itself, or with what could not be undone. */
async function undone(context: Context, { facts, files, error }: Undoing): Promise<unknown> {
  try {
    // A call that was interrupted may have made a sandbox all the same.
    for (const sandbox of await sandboxesOf(context, facts)) {
      await removeAppliedPod(context, sandbox, { graceSeconds: 0, signal: undefined });
    }
    await removePodFiles(files);
    return error;
  } catch (undoError) {
    const { message } = describe(undoError);
    return withHint(error, `the pod could not be removed again: ${message}`);
  }
}

async function sandboxesOf(context: Context, { manifest, namespace, uid }: PodFacts) {
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, { timeoutMs: 60_000 });
  return items.filter(
    ({ metadata }) =>
      metadata?.uid === uid &&
      metadata.name === manifest.metadata.name &&
      metadata.namespace === namespace,
  );
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof StatusError)) return error;
  return new StatusError(error.code, error.message, { cause: error.cause, hint });
}
