import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CriBackend } from "../../src/cri/backend.ts";
import { createMessage } from "../../src/cri/create-message.ts";
import {
  ContainerConfig,
  ContainerState,
  type ContainerStatus,
  type CreateContainerRequest,
  ImageSpec,
  LinuxContainerConfig,
  LinuxContainerSecurityContext,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  NamespaceOption,
  PodSandboxConfig,
  type PodSandboxStatus,
} from "../../src/cri/gen/runtime/v1/api.ts";
import type { ImageService, RuntimeService } from "../../src/cri/services.ts";
import { hasCode, type StatusCode, StatusError } from "../../src/errors/status-error.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { uniqueSuffix } from "../support/unique.ts";
import { waitUntil } from "../support/wait-until.ts";
import type { ContractTarget, Deviation } from "./contract-target.ts";

export interface Pod {
  readonly id: string;
  readonly config: PodSandboxConfig;
}

interface ExecOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** What one case works with. Pods made through it are removed when the case is over. */
export interface World {
  readonly target: ContractTarget;
  readonly backend: CriBackend;
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly cleanup: Cleanup;
  podConfig(fields?: Partial<PodSandboxConfig>): PodSandboxConfig;
  runPod(fields?: Partial<PodSandboxConfig>, runtimeHandler?: string): Promise<Pod>;
  /** A container that sleeps, unless the fields say otherwise. */
  containerRequest(pod: Pod, fields?: Partial<ContainerConfig>): CreateContainerRequest;
  createContainer(pod: Pod, fields?: Partial<ContainerConfig>): Promise<string>;
  /** Created and started. */
  runContainer(pod: Pod, fields?: Partial<ContainerConfig>): Promise<string>;
  /** A running container in a pod of its own that cases share and leave as it is. */
  sharedContainer(): Promise<{ pod: Pod; id: string }>;
  containerStatus(id: string): Promise<ContainerStatus>;
  podStatus(id: string): Promise<PodSandboxStatus>;
  waitForExit(id: string): Promise<ContainerStatus>;
  /** ExecSync of `sh -c`. */
  shell(id: string, script: string): Promise<ExecOutcome>;
  /**
   * Runs `sh -c script` as a container of the pod to its end and returns its log, as it is in the
   * file and as the text that was written.
   */
  runToEnd(
    pod: Pod,
    script: string,
    fields?: Partial<ContainerConfig>,
  ): Promise<{ status: ContainerStatus; log: string; text: string }>;
  /** The call is refused with one of the codes, or with the one that the backend's table names. */
  refuses(call: Promise<unknown>, ...codes: StatusCode[]): Promise<StatusError>;
}

export interface WorldOptions {
  target: ContractTarget;
  cleanup: Cleanup;
  deviation: Deviation | undefined;
  /** One per target. */
  shared: { container?: Promise<{ pod: Pod; id: string }> };
  /** Undoes what `shared` holds. */
  targetCleanup: Cleanup;
}

export function createWorld(options: WorldOptions): World {
  const { target, cleanup } = options;
  const { runtime, images } = target.backend;
  const world: World = {
    target,
    backend: target.backend,
    runtime,
    images,
    cleanup,
    podConfig: (fields) => podConfig(target, fields),
    runPod: (fields, runtimeHandler) => runPod(world, cleanup, fields, runtimeHandler),
    containerRequest: (pod, fields) => containerRequest(target.images.busybox, pod, fields),
    async createContainer(pod, fields) {
      return (await runtime.createContainer(world.containerRequest(pod, fields))).containerId;
    },
    async runContainer(pod, fields) {
      const containerId = await world.createContainer(pod, fields);
      await runtime.startContainer({ containerId });
      return containerId;
    },
    sharedContainer() {
      options.shared.container ??= runShared(world, options.targetCleanup);
      return options.shared.container;
    },
    async containerStatus(containerId) {
      const { status } = await runtime.containerStatus({ containerId, verbose: false });
      assert.ok(status, "ContainerStatus without a status");
      return status;
    },
    async podStatus(podSandboxId) {
      const { status } = await runtime.podSandboxStatus({ podSandboxId, verbose: false });
      assert.ok(status, "PodSandboxStatus without a status");
      return status;
    },
    waitForExit: (id) => waitForExit(world, id),
    shell: (id, script) => shell(runtime, id, script),
    runToEnd: (pod, script, fields) => runToEnd(world, pod, script, fields),
    refuses: (call, ...codes) => refuses(call, codes, options.deviation),
  };
  return world;
}

function podConfig(
  target: ContractTarget,
  fields: Partial<PodSandboxConfig> = {},
): PodSandboxConfig {
  const name = `pod-${uniqueSuffix()}`;
  return createMessage(PodSandboxConfig, {
    metadata: { name, uid: `uid-${name}`, namespace: "contract", attempt: 0 },
    logDirectory: join(target.directory, "logs", name),
    ...fields,
    linux: { ...(fields.linux ?? podLinux()), cgroupParent: target.cgroupParent },
  });
}

/** The Linux half of a pod, with the namespaces given. */
export function podLinux(
  namespaces: Partial<NamespaceOption> = {},
  fields: Partial<LinuxSandboxSecurityContext> = {},
): LinuxPodSandboxConfig {
  return createMessage(LinuxPodSandboxConfig, {
    securityContext: createMessage(LinuxSandboxSecurityContext, {
      namespaceOptions: createMessage(NamespaceOption, { pid: 1, ...namespaces }),
      ...fields,
    }),
  });
}

/** The Linux half of a container, with the security context given. */
export function containerLinux(
  security: Partial<LinuxContainerSecurityContext> = {},
  fields: Partial<LinuxContainerConfig> = {},
): LinuxContainerConfig {
  return createMessage(LinuxContainerConfig, {
    securityContext: createMessage(LinuxContainerSecurityContext, {
      namespaceOptions: createMessage(NamespaceOption, { pid: 1 }),
      ...security,
    }),
    ...fields,
  });
}

async function runPod(
  world: World,
  cleanup: Cleanup,
  fields?: Partial<PodSandboxConfig>,
  runtimeHandler = "",
): Promise<Pod> {
  const config = world.podConfig(fields);
  await mkdir(config.logDirectory, { recursive: true });
  const { podSandboxId } = await world.runtime.runPodSandbox({ config, runtimeHandler });
  cleanup.add(`remove pod ${podSandboxId}`, async () => {
    try {
      await world.runtime.stopPodSandbox({ podSandboxId });
      await world.runtime.removePodSandbox({ podSandboxId });
    } catch (error) {
      if (!hasCode(error, "NotFound")) throw error; // the case has removed it
    }
  });
  return { id: podSandboxId, config };
}

async function runShared(world: World, cleanup: Cleanup): Promise<{ pod: Pod; id: string }> {
  const pod = await runPod(world, cleanup);
  return { pod, id: await world.runContainer(pod) };
}

function containerRequest(
  image: string,
  pod: Pod,
  fields: Partial<ContainerConfig> = {},
): CreateContainerRequest {
  const name = `container-${uniqueSuffix()}`;
  const config = createMessage(ContainerConfig, {
    metadata: { name, attempt: 0 },
    image: createMessage(ImageSpec, { image }),
    command: ["sleep", "1000"],
    logPath: `${name}.log`,
    linux: containerLinux(),
    ...fields,
  });
  return { podSandboxId: pod.id, config, sandboxConfig: pod.config };
}

function waitForExit(world: World, id: string): Promise<ContainerStatus> {
  return waitUntil(
    `container ${id.slice(0, 12)} has exited`,
    async () => {
      const status = await world.containerStatus(id);
      return status.state === ContainerState.CONTAINER_EXITED ? status : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 50 },
  );
}

async function shell(runtime: RuntimeService, id: string, script: string): Promise<ExecOutcome> {
  const cmd = ["sh", "-c", script];
  const answer = await runtime.execSync({ containerId: id, cmd, timeout: 20n });
  return {
    exitCode: answer.exitCode,
    stdout: Buffer.from(answer.stdout).toString("utf8"),
    stderr: Buffer.from(answer.stderr).toString("utf8"),
  };
}

async function runToEnd(
  world: World,
  pod: Pod,
  script: string,
  fields?: Partial<ContainerConfig>,
): Promise<{ status: ContainerStatus; log: string; text: string }> {
  const id = await world.runContainer(pod, { command: ["sh", "-c", script], ...fields });
  const status = await world.waitForExit(id);
  const { readFile } = await import("node:fs/promises");
  const log = await readFile(status.logPath, "utf8");
  return { status, log, text: textOf(log) };
}

/** A part (P) has no newline of its own, a full line (F) has. */
function textOf(log: string): string {
  const parts = log.matchAll(/^\S+ (?:stdout|stderr) ([PF]) ?(.*)$/gm);
  return Array.from(parts, ([, tag, text]) => (tag === "F" ? `${text}\n` : text)).join("");
}

async function refuses(
  call: Promise<unknown>,
  codes: readonly StatusCode[],
  deviation: Deviation | undefined,
): Promise<StatusError> {
  const expected = deviation?.code === undefined ? codes : [deviation.code];
  try {
    await call;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    assert.ok(
      expected.includes(error.code),
      `${error.code} (${error.message}) instead of ${expected.join(" or ")}`,
    );
    return error;
  }
  throw new assert.AssertionError({ message: `not refused with ${expected.join(" or ")}` });
}
