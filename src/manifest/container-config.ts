import { createMessage } from "../cri/create-message.ts";
import {
  ContainerConfig,
  ImageSpec,
  LinuxContainerConfig,
  type Mount,
  Signal,
} from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { containerEnv } from "./container-env.ts";
import { containerResources } from "./container-resources.ts";
import { containerSecurity, type ImageUser } from "./container-security.ts";
import type { ContainerManifest } from "./container-shape.ts";
import type { DataSources } from "./data-source.ts";
import type { PodFacts } from "./downward.ts";
import { expandVariables } from "./expand-variables.ts";
import { LABELS, namespaceOptions, podLabels } from "./sandbox-config.ts";

export const DEFAULT_MESSAGE_PATH = "/dev/termination-log";
export const DEFAULT_GRACE_SECONDS = 30;

export interface ContainerInput {
  readonly container: ContainerManifest;
  readonly pod: PodFacts;
  readonly sources: DataSources;
  /** Counts the containers made of one entry of the manifest. */
  readonly attempt: number;
  /** What planMounts says, with the places on the node. */
  readonly mounts: readonly Mount[];
  /** Undefined while the image is not there: then nothing is refused for its sake. */
  readonly imageUser: ImageUser | undefined;
}

/** The container that a kubelet would make. Throws FailedPrecondition where runAsNonRoot is not kept. */
export function containerConfig(input: ContainerInput): ContainerConfig {
  const { container, pod, attempt } = input;
  const { spec } = pod.manifest;
  const env = containerEnv(container, pod, input.sources);
  const expand = (text: string) => expandVariables(text, env);
  const linux = {
    resources: containerResources(container, { spec, memoryBytes: pod.node.memoryBytes }),
    securityContext: {
      ...containerSecurity(container, spec, input.imageUser),
      namespaceOptions: namespaceOptions(spec),
    },
  };
  return createMessage(ContainerConfig, {
    metadata: { name: container.name, attempt },
    image: createMessage(ImageSpec, {
      image: container.image,
      userSpecifiedImage: container.image,
    }),
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    workingDir: container.workingDir ?? "",
    envs: Object.entries(env).map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: [...input.mounts],
    labels: { ...podLabels(pod), [LABELS.containerName]: container.name },
    annotations: annotations(container, pod, attempt),
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    stopSignal: stopSignal(container),
    linux: createMessage(LinuxContainerConfig, linux),
  });
}

/** Those that a kubelet writes, for the tools that read them. */
function annotations(
  container: ContainerManifest,
  { manifest }: PodFacts,
  attempt: number,
): Record<string, string> {
  const grace = manifest.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return {
    "io.kubernetes.container.restartCount": String(attempt),
    "io.kubernetes.container.terminationMessagePath":
      container.terminationMessagePath ?? DEFAULT_MESSAGE_PATH,
    "io.kubernetes.container.terminationMessagePolicy":
      container.terminationMessagePolicy ?? "File",
    "io.kubernetes.pod.terminationGracePeriod": String(grace),
    ...(container.ports === undefined
      ? {}
      : { "io.kubernetes.container.ports": JSON.stringify(container.ports) }),
  };
}

function stopSignal({ name, lifecycle }: ContainerManifest): Signal {
  const wanted = lifecycle?.stopSignal;
  if (wanted === undefined) return Signal.RUNTIME_DEFAULT;
  const signals: Readonly<Record<string, Signal>> = Signal;
  const signal = signals[wanted];
  if (signal !== undefined) return signal;
  throw new StatusError("InvalidArgument", `container "${name}": unknown signal "${wanted}"`, {
    hint: "write it as SIGTERM",
  });
}
