import type { OciImageConfig } from "../../images/image-config.ts";

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
