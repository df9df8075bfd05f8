/**
 * What a container needs to know of its pod. The pods' room makes it from its own record, so that
 * containers never look upwards.
 */
import type { PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";

export interface PodEnvironment {
  readonly sandboxId: string;
  readonly config: PodSandboxConfig;
  /** The handler the pod was run with; empty for the default. */
  readonly runtimeHandler: string;
  readonly namespaces: PodNamespaces;
  /** The pod's cgroup as an absolute path below each hierarchy; containers go below it. */
  readonly cgroupPath: string;
  /** Files that are bound over /etc/hosts, /etc/resolv.conf and /etc/hostname. */
  readonly hostsFile: string;
  readonly resolvConfFile: string;
  readonly hostnameFile: string;
  /** Bound over /dev/shm; undefined where the host's is used (ipc NODE). */
  readonly shmDirectory: string | undefined;
  readonly hostname: string;
}

/** Files that pin a namespace; undefined means the host's own namespace. */
export interface PodNamespaces {
  readonly network: string | undefined;
  readonly ipc: string | undefined;
  readonly uts: string | undefined;
  /** Set only where the pod shares its PID namespace. */
  readonly pid: string | undefined;
  /** Set only for a pod with a user namespace. */
  readonly user: string | undefined;
}
