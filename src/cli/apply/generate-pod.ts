import {
  type Container,
  type ContainerConfig,
  ContainerState,
  type ContainerStatus,
  type PodSandbox,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { dataManifest } from "../../manifest/data-manifest.ts";
import { podFromConfigs } from "../../manifest/pod-from-configs.ts";
import { readAppliedManifest } from "../../manifest/read-applied-manifest.ts";
import { callOptions } from "../call-options.ts";
import { configInInfo } from "../config-in-info.ts";
import type { Context } from "../context.ts";
import { fetchPodConfig } from "../fetch-pod-config.ts";
import { environmentAsRun } from "../restart/environment-as-run.ts";
import { readKeptData } from "./applied-record.ts";
import { podFiles } from "./pod-files.ts";

export interface Generated {
  /** ConfigMaps and Secrets, then the pod. */
  readonly objects: readonly object[];
  /** What is not in them, one line each. */
  readonly notes: readonly string[];
}

/**
 * What makes a pod again: of one that apply has made the manifest itself, of another one what its
 * configurations say. Throws FailedPrecondition where the runtime does not tell them.
 */
export async function generatePod(
  context: Context,
  sandbox: PodSandbox,
  { showSecrets }: { readonly showSecrets: boolean },
): Promise<Generated> {
  const applied = readAppliedManifest(sandbox);
  if (applied === undefined) return await fromConfigs(context, sandbox);
  const { metadata } = sandbox;
  if (metadata === undefined) throw new StatusError("Internal", "the pod has no metadata");
  const { namespace } = metadata;
  const kept = readKeptData(podFiles(context.env, metadata));
  const data = kept ?? [];
  const shown = data.filter(({ kind }) => showSecrets || kind !== "Secret");
  const hidden = data.filter((each) => !shown.includes(each));
  const notes = hidden.map(
    ({ name }) => `Secret "${name}" is left out; --show-secrets prints it, too`,
  );
  if (kept === undefined) notes.push("its ConfigMaps and Secrets are no longer known");
  return { objects: [...shown.map((each) => dataManifest(each, namespace)), applied], notes };
}

async function fromConfigs(context: Context, sandbox: PodSandbox): Promise<Generated> {
  const { runtime } = await context.backend();
  const filter = { id: "", state: undefined, podSandboxId: sandbox.id, labelSelector: {} };
  const { containers } = await runtime.listContainers({ filter }, callOptions(context));
  if (containers.length === 0) {
    const why = `the pod "${sandbox.metadata?.name}" has no containers, so there is no manifest of it`;
    throw new StatusError("FailedPrecondition", why);
  }
  const [config, told] = await Promise.all([
    fetchPodConfig(context, sandbox.id),
    Promise.all(newestAttempts(containers).map((each) => fetchConfig(context, each))),
  ]);
  const isInit = endedBeforeOthers(told.map(({ status }) => status));
  const configs = told.map((each) => each.config);
  const { manifest, notes } = podFromConfigs({
    sandbox: config,
    runtimeHandler: sandbox.runtimeHandler,
    initContainers: configs.filter((_, index) => isInit[index]),
    containers: configs.filter((_, index) => !isInit[index]),
  });
  return { objects: [manifest], notes };
}

interface Told {
  readonly config: ContainerConfig;
  readonly status: ContainerStatus;
}

async function fetchConfig(context: Context, { id, metadata }: Container): Promise<Told> {
  const { runtime } = await context.backend();
  const request = { containerId: id, verbose: true };
  const { status, info } = await runtime.containerStatus(request, callOptions(context));
  const config = await configInInfo("ContainerConfig", info.info).catch((cause: unknown) => {
    const why = `the runtime does not tell what the container "${metadata?.name}" was made from`;
    throw new StatusError("FailedPrecondition", why, { cause });
  });
  if (status === undefined) {
    throw new StatusError("NotFound", `the container "${metadata?.name}" is gone`);
  }
  const named = imageName(config, status);
  const { image: spec } = config;
  return {
    status,
    config: environmentAsRun(
      spec === undefined || named === ""
        ? config
        : { ...config, image: { ...spec, userSpecifiedImage: named } },
      info.info,
    ),
  };
}

/**
 * As it was asked for: where an image has several names, the status has any of them. But by name: a
 * kubelet asks for an image by its ID, which nobody can pull.
 */
function imageName({ image: asked }: ContainerConfig, { image: told }: ContainerStatus): string {
  const byName = IMAGE_ID.test(asked?.image ?? "") ? "" : asked?.image;
  return asked?.userSpecifiedImage || told?.userSpecifiedImage || byName || told?.image || "";
}

const IMAGE_ID = /^(sha256:)?[0-9a-f]{64}$/;

/** The last attempt of each, in the order in which they were made. */
function newestAttempts(containers: readonly Container[]): readonly Container[] {
  const newest = new Map<string, Container>();
  const ordered = [...containers].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  for (const container of ordered) newest.set(container.metadata?.name ?? "", container);
  return [...newest.values()].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Init containers are told from others by their end: with status 0, before the next one was made. */
function endedBeforeOthers(statuses: readonly ContainerStatus[]): readonly boolean[] {
  let mayBe = true;
  return statuses.map(({ state, exitCode, finishedAt }, index) => {
    const next = statuses[index + 1];
    const hasEnded = state === ContainerState.CONTAINER_EXITED && exitCode === 0;
    mayBe &&= hasEnded && next !== undefined && finishedAt <= next.createdAt;
    return mayBe;
  });
}
