/** All that a runtime specification is made of. The builder reads nothing else. */
import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import type { SpecDevice, SpecIdMapping, SpecMount, SpecUser } from "./runtime-spec.ts";

export interface SpecInput {
  readonly containerId: string;
  readonly config: ContainerConfig;
  readonly image: ImageDefaults;
  readonly pod: SpecPod;
  readonly node: NodeFacts;
  /** The user, already looked up in the image's files. */
  readonly user: SpecUser;
  /** CRI's mounts and the image's volumes, with sources that exist. */
  readonly mounts: readonly SpecMount[];
  /** CRI's devices, looked up on the node; for a privileged container all of the node's. */
  readonly devices: readonly DeviceAccess[];
  /** The profile to enforce, in OCI's form; undefined for unconfined. */
  readonly seccomp: object | undefined;
  readonly rootfs: string;
  readonly cgroupPath: string;
}

/** The `config` object of an OCI image configuration. */
export interface ImageDefaults {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly Volumes?: Readonly<Record<string, object>> | null;
  readonly StopSignal?: string;
}

/** What the specification says of the pod; an undefined namespace is the node's own. */
export interface SpecPod {
  readonly sandboxId: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly hostname: string;
  readonly namespaces: {
    readonly network: string | undefined;
    readonly ipc: string | undefined;
    readonly uts: string | undefined;
    readonly user: string | undefined;
    /** A file to join, `new` for one of the container's own, `node` for the node's. */
    readonly pid: string | "new" | "node";
  };
  readonly uidMappings: readonly SpecIdMapping[];
  readonly gidMappings: readonly SpecIdMapping[];
  readonly hostsFile: string;
  readonly resolvConfFile: string;
  readonly hostnameFile: string;
  /** Bound over /dev/shm. */
  readonly shmDirectory: string;
}

/** What the node can do; read once per creation by readNodeFacts. */
export interface NodeFacts {
  /** Capabilities that this process may hand on, as `CAP_…`. */
  readonly capabilities: readonly string[];
  /** This process's own oom_score_adj: the floor without CAP_SYS_RESOURCE. */
  readonly oomScoreAdj: number;
  readonly cgroupMode: "v1" | "hybrid" | "v2";
  readonly hasSwapAccounting: boolean;
  readonly hasHugetlb: boolean;
  readonly hasAppArmor: boolean;
}

export interface DeviceAccess {
  readonly device: SpecDevice;
  /** Of `rwm`. */
  readonly permissions: string;
}
