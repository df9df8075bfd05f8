/**
 * The room `inspect`: what the node and this root are like, for people who look for a fault. It only
 * looks: it makes no directory, no row and no lock, recovers nothing and works without root's rights
 * as far as the kernel lets it. It judges nothing; what is wrong and what to do is for who asks.
 */
import type { Hierarchies } from "../cgroups/hierarchies.ts";
import type { MountEntry } from "../host/mount-table.ts";
import type { RuntimePaths } from "../paths.ts";
import type { RuntimeConfig } from "../runtime-config.ts";
import type { DatabaseUser } from "../state/find-database-users.ts";

export interface NodeInspector {
  readonly paths: RuntimePaths;
  /** The file of the configuration; it may be absent. */
  readonly configFile: string;
  /** What the file says over the defaults. Rejects as loadRuntimeConfig does. */
  config(): Promise<RuntimeConfig>;
  /** Throws FailedPrecondition where no cgroup is mounted. */
  cgroups(): CgroupFacts;
  networks(): Promise<NetworkFacts>;
  /** Rejects with PermissionDenied, DataLoss for a damaged file, and as SQLite fails. */
  database(): Promise<DatabaseFacts>;
  /** Asks the registry and its mirrors at once, and once; a failure is part of the answer. */
  probeRegistry(
    registry: string,
    options: { signal: AbortSignal; timeoutMs: number },
  ): Promise<readonly RegistryAnswer[]>;
  /** The mount that the path, or what there is of it, lies in. */
  mountOf(path: string): MountEntry | undefined;
  mountsBelow(path: string): readonly MountEntry[];
  /** Whether the pods of the state directory are mounted in a namespace other than ours. */
  isForeignMountNamespace(): boolean;
}

export interface CgroupFacts extends Hierarchies {
  /** Controllers that pods can be given. */
  readonly controllers: readonly string[];
  /** Version 2: controllers that the root of the tree hands down already. */
  readonly handedDown: readonly string[];
  /** Places that pods' cgroups would be made in and that refuse writing. */
  readonly readOnly: readonly string[];
}

export interface NetworkFacts {
  readonly configDir: string;
  /** By name: the first is the one that pods get. */
  readonly files: readonly NetworkFile[];
  /** Where there are no files, the list that the runtime makes itself. */
  readonly isDefault: boolean;
  readonly bridge: string;
  readonly subnet: string;
  readonly pluginDirs: readonly { readonly path: string; readonly exists: boolean }[];
  /** Of the list in use; `path` is undefined where no directory has it. */
  readonly plugins: readonly { readonly type: string; readonly path: string | undefined }[];
  readonly cniVersion: string;
}

export interface NetworkFile {
  readonly file: string;
  readonly name?: string;
  readonly plugins?: readonly string[];
  readonly error?: unknown;
}

export interface DatabaseFacts {
  readonly file: string;
  /** Undefined where there is no database yet. */
  readonly schema: number | undefined;
  /** The newest schema that this program knows. */
  readonly knownSchema: number;
  /** Whether this program may work with that schema, which may be newer. */
  readonly isUsable: boolean;
  readonly sizeBytes: number;
  readonly counts: Readonly<Record<"sandboxes" | "containers" | "images", number>>;
  readonly intents: readonly IntentFacts[];
  /** What `PRAGMA quick_check` said; "ok" for a sound file, undefined where it was not run. */
  readonly soundness: string | undefined;
  readonly users: readonly DatabaseUser[];
  /** Directories below `state` of pods and containers that the database does not know. */
  readonly strays: readonly string[];
  readonly network: RuntimeConfig["network"] | undefined;
}

export interface IntentFacts {
  readonly kind: string;
  readonly subject: string;
  readonly pid: number;
  readonly ownerLives: boolean;
}

export interface RegistryAnswer {
  /** `https://registry-1.docker.io` */
  readonly url: string;
  readonly isMirror: boolean;
  /** HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;
  readonly error: unknown;
  /** The registry's clock. */
  readonly date: Date | undefined;
}
