import type { ContainerConfig, PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { describe } from "../../errors/describe.ts";
import { StatusError } from "../../errors/status-error.ts";
import { cancelOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { deleteLogs } from "../delete-logs.ts";
import { imageSpec } from "../image-spec.ts";
import { pullImage } from "../pull-image.ts";

export interface StartedPod {
  readonly podSandboxId: string;
  readonly containerId: string;
}

export interface PodOptions {
  readonly pod: PodSandboxConfig;
  readonly container: ContainerConfig;
  /** --runtime, --keep, --no-pull, --with-pull, and those of registries and timeouts. */
  readonly flags: CommandInput["flags"];
}

/** Time to undo, whatever became of the command's own. */
const CLEANUP_TIMEOUT_MS = 60_000;

/**
 * Runs a pod with one container: image, sandbox, container, start. A failure removes the pod again
 * unless --keep was given.
 */
export async function startPod(context: Context, options: PodOptions): Promise<StartedPod> {
  const { flags, pod, container } = options;
  await ensureImage(context, options);
  const { runtime } = await context.backend();
  const call = cancelOptions(context, flags);
  const { podSandboxId } = await runtime.runPodSandbox(
    { config: pod, runtimeHandler: typeof flags.runtime === "string" ? flags.runtime : "" },
    call,
  );
  try {
    const { containerId } = await runtime.createContainer(
      { podSandboxId, config: container, sandboxConfig: pod },
      call,
    );
    await runtime.startContainer({ containerId }, call);
    return { podSandboxId, containerId };
  } catch (error) {
    if (flags.keep === true) throw withHint(error, `the pod is kept: ${podSandboxId}`);
    throw await removed(context, { podSandboxId, error });
  }
}

/** Stops and removes a pod with its containers and their logs, even after Ctrl-C. */
export async function removePod(context: Context, podSandboxId: string): Promise<void> {
  const { runtime } = await context.backend();
  const call = { timeoutMs: CLEANUP_TIMEOUT_MS };
  const filter = { id: "", state: undefined, podSandboxId, labelSelector: {} };
  const { containers } = await runtime.listContainers({ filter }, call);
  const logPaths = await Promise.all(
    containers.map(async ({ id }) => {
      const answer = await runtime.containerStatus({ containerId: id, verbose: false }, call);
      return answer.status?.logPath ?? "";
    }),
  );
  await runtime.stopPodSandbox({ podSandboxId }, call);
  await runtime.removePodSandbox({ podSandboxId }, call);
  for (const path of logPaths) if (path !== "") await deleteLogs(path);
}

async function removed(
  context: Context,
  { podSandboxId, error }: { podSandboxId: string; error: unknown },
): Promise<unknown> {
  try {
    await removePod(context, podSandboxId);
    return error;
  } catch (cleanupError) {
    const { message } = describe(cleanupError);
    return withHint(error, `the pod "${podSandboxId}" could not be removed: ${message}`);
  }
}

function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof StatusError)) return error;
  return new StatusError(error.code, error.message, { cause: error.cause, hint });
}

/** Pulls what is missing; --with-pull always, --no-pull and the settings never. */
async function ensureImage(context: Context, { container, pod, flags }: PodOptions): Promise<void> {
  const reference = container.image?.image ?? "";
  const mayPull =
    flags["with-pull"] === true ||
    (!context.settings.disablePullOnRun && flags["no-pull"] !== true);
  const mounted = container.mounts.flatMap((mount) => mount.image?.image || []);
  for (const name of new Set([reference, ...mounted])) {
    if (flags["with-pull"] !== true && (await hasImage(context, name))) continue;
    if (!mayPull) {
      throw new StatusError("NotFound", `image "${name}" is not there, and pulling is off`, {
        hint: `crish pull ${name}`,
      });
    }
    await pullImage(context, { reference: name, flags, sandboxConfig: pod });
  }
}

async function hasImage(context: Context, reference: string): Promise<boolean> {
  const { images } = await context.backend();
  const { image } = await images.imageStatus(
    { image: imageSpec(reference), verbose: false },
    { signal: context.signal },
  );
  return image !== undefined;
}
