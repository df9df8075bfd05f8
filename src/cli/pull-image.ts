import type { PodSandboxConfig } from "../cri/gen/runtime/v1/api.ts";
import type { RegistryAuth } from "../cri/image-store.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";
import { imageSpec } from "./image-spec.ts";
import { type Progress, startProgress } from "./progress.ts";
import { readRegistryAuth } from "./registry-auth.ts";

export interface PullOptions {
  readonly reference: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Sent along to a remote runtime. */
  readonly sandboxConfig?: PodSandboxConfig;
  /** REGISTRY_FLAGS as parsed. */
  readonly flags: CommandInput["flags"];
  /** Credentials of the command line, where it has been asked for them already. */
  readonly givenAuth?: RegistryAuth | undefined;
  /** Shows how far it is; by default on a line of its own. */
  startProgress?(label: string): Progress;
}

/**
 * Pulls, and shows on a terminal how far it is: by layers where the backend knows, by the time that
 * has passed elsewhere. Resolves to the image's reference in the runtime (its ID, as a rule).
 */
export async function pullImage(context: Context, options: PullOptions): Promise<string> {
  const { flags, reference } = options;
  const timeoutMs = pullTimeoutMs(context, flags);
  const auth = options.givenAuth ?? (await readRegistryAuth(context, flags, reference));
  const backend = await context.backend();
  const call = { signal: context.signal, timeoutMs };
  const label = `Pulling ${reference}`;
  const progress = options.startProgress?.(label) ?? startProgress(context.stderr, label);
  try {
    const imageStore = await backend.imageStore();
    if (imageStore?.pull !== undefined) {
      const image = await imageStore.pull(reference, {
        ...call,
        onProgress: progress.update,
        ...(auth === undefined ? {} : { auth }),
      });
      return image.id;
    }
    const image = { ...imageSpec(reference), annotations: { ...options.annotations } };
    const { sandboxConfig } = options;
    const answer = await backend.images.pullImage(
      { image, auth: toAuthConfig(auth), sandboxConfig },
      call,
    );
    return answer.imageRef;
  } catch (error) {
    throw refineError(error, options);
  } finally {
    await progress.done();
  }
}

/** 0 for any time. Throws InvalidArgument. */
export function pullTimeoutMs(context: Context, flags: CommandInput["flags"]): number {
  const pullMs = flags["pull-timeout"];
  const timeoutMs = typeof pullMs === "number" ? pullMs : (context.settings.timeoutMs ?? 0);
  if (timeoutMs < 0) throw new StatusError("InvalidArgument", "--pull-timeout is negative");
  return timeoutMs;
}

/**
 * containerd says Unknown for a reference that does not parse, which is the user's to mend. And what
 * counts the time does not know which flag has given it.
 */
function refineError(cause: unknown, { reference, flags }: PullOptions): unknown {
  if (cause instanceof StatusError && cause.code === "DeadlineExceeded") {
    const flag = typeof flags["pull-timeout"] === "number" ? "--pull-timeout" : "--timeout";
    const hint = `raise the limit with ${flag}`;
    return new StatusError(cause.code, cause.message, { cause: cause.cause, hint });
  }
  const isMalformed =
    hasCode(cause, "Unknown") && /invalid reference format/.test((cause as Error).message);
  if (!isMalformed) return cause;
  return new StatusError("InvalidArgument", `"${reference}" is not an image reference`, { cause });
}

function toAuthConfig(auth: RegistryAuth | undefined) {
  if (auth === undefined) return undefined;
  return {
    username: auth.username ?? "",
    password: auth.password ?? "",
    auth: "",
    serverAddress: "",
    identityToken: auth.identityToken ?? "",
    registryToken: auth.registryToken ?? "",
  };
}
