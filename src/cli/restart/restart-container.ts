import {
  type Container,
  type ContainerConfig,
  ContainerState,
  type ContainerStatus,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { shortId } from "../../output/short-id.ts";
import { callOptions } from "../call-options.ts";
import { configInInfo } from "../config-in-info.ts";
import type { Context } from "../context.ts";
import { fetchPodConfig } from "../fetch-pod-config.ts";
import { ifPresent } from "../if-present.ts";
import { imageSpec } from "../image-spec.ts";
import { environmentAsRun } from "./environment-as-run.ts";
import { nextAttempt } from "./next-attempt.ts";

export interface RestartOptions {
  /** As the user called the container. */
  readonly reference: string;
  /** Time between the signal and the kill. */
  readonly graceMs: number;
  /** Leaves the old one, which has ended by then. */
  readonly keep: boolean;
}

const CLEANUP_MS = 10_000;

/**
 * Makes the container anew in its pod: same configuration and image, attempt + 1. The new one is
 * created while the old one still runs, so that whatever speaks against it costs nothing; only then
 * the old one is stopped, the new one started, and the old one removed. The old log stays. Resolves
 * to the ID of the new one, which is removed again where anything fails. One that a killed restart
 * left unstarted goes too. Throws FailedPrecondition where the runtime does not tell the configuration.
 */
export async function restartContainer(
  context: Context,
  container: Container,
  { reference, graceMs, keep }: RestartOptions,
): Promise<string> {
  const { id, podSandboxId } = container;
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const { status, info } = await runtime.containerStatus({ containerId: id, verbose: true }, call);
  if (status === undefined) throw new StatusError("NotFound", `container "${reference}" not found`);
  const told = await toldConfig(info.info, reference);
  const [sandboxConfig, { containers }, image] = await Promise.all([
    fetchPodConfig(context, podSandboxId),
    runtime.listContainers({ filter: undefined }, call),
    sameImage(context, told, status),
  ]);
  const siblings = containers.filter((each) => each.podSandboxId === podSandboxId);
  const config = nextAttempt({ ...told, image }, siblings);
  const { containerId } = await runtime.createContainer(
    { podSandboxId, config, sandboxConfig },
    call,
  );
  try {
    const left = siblings.filter((each) => isLeftBehind(each, container));
    for (const each of left) {
      await ifPresent(runtime.removeContainer({ containerId: each.id }, call));
    }
    if (RUNS.has(status.state)) {
      const timeout = BigInt(Math.ceil(graceMs / 1000));
      await runtime.stopContainer({ containerId: id, timeout }, callOptions(context, graceMs));
    }
    await start(context, containerId, { id, reference });
  } catch (error) {
    await runtime
      .removeContainer({ containerId }, { timeoutMs: CLEANUP_MS })
      .catch(() => undefined);
    throw error;
  }
  if (!keep) await ifPresent(runtime.removeContainer({ containerId: id }, call));
  return containerId;
}

/** Whether an earlier restart made it of that container, and was killed before it started it. */
function isLeftBehind(sibling: Container, { metadata, imageRef, createdAt }: Container): boolean {
  return (
    sibling.state === ContainerState.CONTAINER_CREATED &&
    sibling.createdAt > createdAt &&
    sibling.metadata?.name === metadata?.name &&
    sibling.imageRef === imageRef
  );
}

/** Throws what speaks against the start, with what is left. */
async function start(
  context: Context,
  containerId: string,
  old: { readonly id: string; readonly reference: string },
): Promise<void> {
  const { runtime } = await context.backend();
  try {
    await runtime.startContainer({ containerId }, callOptions(context));
  } catch (cause) {
    throw new StatusError(
      cause instanceof StatusError ? cause.code : "Internal",
      `container "${old.reference}" was stopped, and its next attempt did not start`,
      { cause, hint: `the old one is kept: crish logs ${shortId(old.id)}` },
    );
  }
}

const RUNS: ReadonlySet<number> = new Set([
  ContainerState.CONTAINER_RUNNING,
  ContainerState.CONTAINER_UNKNOWN,
]);

async function toldConfig(info: string | undefined, reference: string): Promise<ContainerConfig> {
  try {
    return environmentAsRun(await configInInfo("ContainerConfig", info), info);
  } catch (cause) {
    throw new StatusError(
      "FailedPrecondition",
      `the runtime does not tell what container "${reference}" was made from`,
      { cause, hint: "remove it and create it from its file" },
    );
  }
}

/** The image that it ran, where its name means another one by now. */
async function sameImage(
  context: Context,
  { image }: ContainerConfig,
  { imageId, imageRef }: ContainerStatus,
): Promise<ContainerConfig["image"]> {
  const ran = [imageId, imageRef].filter((name) => name !== "");
  const [first] = ran;
  if (image === undefined || first === undefined) return image;
  const { images } = await context.backend();
  const request = { image, verbose: false };
  const named = (await images.imageStatus(request, callOptions(context))).image;
  const isSame =
    named !== undefined && [named.id, ...named.repoDigests].some((name) => ran.includes(name));
  return isSame ? image : { ...imageSpec(first), userSpecifiedImage: image.userSpecifiedImage };
}
