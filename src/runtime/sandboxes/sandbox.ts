/**
 * The room `sandboxes`: pods, from RunPodSandbox to RemovePodSandbox. It owns a pod's namespaces,
 * network, files, cgroup and row, and stops a pod's containers through their own room. It refuses to
 * know what runs in them. Lock order: `pod:<id>` before `container:<id>`, never the reverse.
 * Specification: CRI v1, RuntimeService; `PodSandboxState`.
 *
 *            run begins            run done              stop begins           stop done
 *   (none) ───────────► creating ──────────► ready ─────────────────► stopping ─────────► stopped
 *                          │                   │ reboot: no row changes,                     │
 *                          │ fails, or its     │ the boot ID tells                           │
 *                          ▼ owner dies        ▼                              remove begins  │
 *                        (none)             NOTREADY                                         ▼
 *                                                                    (none) ◄────────── removing
 *
 * Outside, `ready` of the present boot is SANDBOX_READY; `creating` is seen by nobody; all else is
 * SANDBOX_NOTREADY. Each arrow is one transaction; between `… begins` and `… done` an intent stands.
 */
import type { PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import type { ProcessIdentity } from "../../host/process-identity.ts";
import type { Attachment } from "../cni/network-list.ts";
import type { PodNamespaces } from "../containers/pod-environment.ts";

type SandboxPhase = "creating" | "ready" | "stopping" | "stopped" | "removing";

/** A pod as the database has it. Everything that undoing needs is known before the first effect. */
export interface Sandbox {
  readonly id: string;
  readonly createdAtNs: bigint;
  readonly config: PodSandboxConfig;
  readonly phase: SandboxPhase;
  /** The boot in which the pod was run: its namespaces and mounts ended with it. */
  readonly bootId: string;
  readonly runtimeHandler: string;
  readonly hostname: string;
  /** Below state: everything of the pod that is a file or a mount. */
  readonly directory: string;
  readonly namespaces: PodNamespaces;
  readonly shmDirectory: string | undefined;
  readonly cgroupPath: string;
  /** Undefined for a pod on the host's network. With its result once the pod is ready. */
  readonly attachment: Attachment | undefined;
  /** The pod's first process, only where the pod shares its PID namespace. */
  readonly pause: ProcessIdentity | undefined;
  /** `tcp:127.0.0.1:8080`: each belongs to one pod at a time. */
  readonly hostPorts: readonly string[];
}

/** True while containers can be created in the pod. */
export function isReady(sandbox: Pick<Sandbox, "phase" | "bootId">, bootId: string): boolean {
  return sandbox.phase === "ready" && sandbox.bootId === bootId;
}

/** A pod that is being run does not exist yet for anybody but the one who runs it. */
export function isVisible(sandbox: Pick<Sandbox, "phase">): boolean {
  return sandbox.phase !== "creating";
}

/** True until a stop has been done: there may be a network and namespaces to take down. */
export function needsStop(sandbox: Pick<Sandbox, "phase">): boolean {
  return sandbox.phase !== "stopped" && sandbox.phase !== "removing";
}

/** One pod per name, namespace, uid and attempt. */
export function nameKey(config: PodSandboxConfig): string {
  const { name = "", namespace = "", uid = "", attempt = 0 } = config.metadata ?? {};
  return JSON.stringify([namespace, name, uid, attempt]);
}
