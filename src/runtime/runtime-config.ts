import type { RegistryConfig } from "../registry/registry-config.ts";

/**
 * The embedded runtime's own settings, from `/etc/crish/runtime.yaml` (CRISH_RUNTIME_CONFIG names
 * another file) over these defaults. An unknown field is an error with its path.
 */
export interface RuntimeConfig {
  /** OCI runtimes by handler name; the empty name and that of its program are the default handler. */
  readonly handlers: Readonly<Record<string, HandlerConfig>>;
  readonly conmon: string;
  /** Directories that hold CNI plugins, in order. */
  readonly cniPluginDirs: readonly string[];
  /** Directory of *.conflist and *.conf; where it has none, crish writes a bridge list of its own. */
  readonly cniConfigDir: string;
  /** Of the default bridge list: its name, bridge and subnet. Every root needs its own three. */
  readonly network: { readonly name: string; readonly bridge: string; readonly subnet: string };
  /** Parent of every pod's cgroup, as an absolute path below each hierarchy. */
  readonly cgroupParent: string;
  /** Cgroups are made as directories, also where systemd runs: its driver is not implemented. */
  readonly cgroupDriver: "cgroupfs";
  readonly registries: Readonly<Record<string, RegistryConfig>>;
  /** Images fetched and unpacked at once, per pull. */
  readonly maxParallelLayers: number;
  /** Path of a seccomp profile for RuntimeDefault; undefined for the host's or the built-in one. */
  readonly seccompProfile: string | undefined;
}

export interface HandlerConfig {
  readonly path: string;
  readonly type: "runc";
}
