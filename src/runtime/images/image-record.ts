/** One image as the embedded runtime keeps it. */
export interface ImageRecord {
  /** Digest of the image's config: `sha256:…`. */
  readonly id: string;
  /** `registry/repository:tag`, normalised (docker.io/library/… spelled out), sorted. */
  readonly tags: readonly string[];
  /** `registry/repository@sha256:…`, sorted. */
  readonly digests: readonly string[];
  /** Bytes of the compressed layers and the config. */
  readonly sizeBytes: number;
  /** Chain ID of the topmost layer: the parent of a container's snapshot. Empty for no layers. */
  readonly chainId: string;
  readonly config: OciImageConfig;
  readonly createdAtNs: bigint;
  readonly pinned: boolean;
}

/** The parts of the OCI image configuration that a runtime reads (image-spec, config.md). */
export interface OciImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly config?: {
    readonly User?: string;
    readonly ExposedPorts?: Readonly<Record<string, object>>;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Volumes?: Readonly<Record<string, object>> | null;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly StopSignal?: string;
  };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly object[];
}
