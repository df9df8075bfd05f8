import { StatusError } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";
import { containerConfig } from "../../manifest/container-config.ts";
import { containerEnv } from "../../manifest/container-env.ts";
import type { ContainerManifest } from "../../manifest/container-shape.ts";
import { planMounts } from "../../manifest/plan-mounts.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { findMounts } from "./find-mounts.ts";
import type { PodMaking } from "./pod-making.ts";
import { imageUserOf } from "./pull-pod-images.ts";

/** A container that was started, and which one of its entry it is. */
export interface Started {
  readonly container: ContainerManifest;
  readonly containerId: string;
  readonly attempt: number;
}

/** Makes and starts a container, and runs its postStart hook. */
export async function startContainer(
  context: Context,
  making: PodMaking,
  { container, attempt }: Pick<Started, "container" | "attempt">,
): Promise<Started> {
  const { pod, sources, files, volumes, sandboxConfig, podSandboxId } = making;
  const { runtime } = await context.backend();
  const call = callOptions(context);
  const plans = planMounts(container, containerEnv(container, pod, sources));
  const mounts = await findMounts({
    container,
    attempt,
    plans,
    volumes,
    pod,
    files,
    isDryRun: false,
  });
  const imageUser = imageUserOf(making.images.get(container.image));
  const config = containerConfig({ container, pod, sources, attempt, mounts, imageUser });
  try {
    const request = { podSandboxId, config, sandboxConfig };
    const { containerId } = await runtime.createContainer(request, call);
    await runtime.startContainer({ containerId }, call);
    await runPostStart(context, { container, containerId, attempt });
    return { container, containerId, attempt };
  } catch (error) {
    if (!(error instanceof StatusError) || error.message.includes(`"${container.name}"`))
      throw error;
    throw new StatusError(error.code, `container "${container.name}": ${error.message}`, {
      cause: error.cause,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

async function runPostStart(context: Context, { container, containerId }: Started): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (hook?.sleep !== undefined) {
    await sleep(hook.sleep.seconds * 1000, { signal: context.signal });
  }
  const command = hook?.exec?.command;
  if (command === undefined) return;
  const { runtime } = await context.backend();
  const request = { containerId, cmd: [...command], timeout: 0n };
  const { exitCode, stderr } = await runtime.execSync(request, { signal: context.signal });
  if (exitCode === 0) return;
  const said = Buffer.from(stderr).toString("utf8").trim().split("\n").at(-1) ?? "";
  const why = `postStart of container "${container.name}" ended with status ${exitCode}`;
  throw new StatusError("Aborted", why, said === "" ? {} : { cause: new Error(said) });
}
