/**
 * Image verbs that CRI has no call for.
 *
 * References are what a user writes: a name with a tag or digest, short forms allowed (`busybox` is
 * docker.io/library/busybox:latest), or an image ID, or a unique prefix of one. A method that takes
 * one rejects with NotFound where no image has it and with InvalidArgument where it is no reference.
 */
import type { Readable, Writable } from "node:stream";
import type { Image } from "./gen/runtime/v1/api.ts";
import type { CallOptions } from "./services.ts";

export interface ImageStore {
  /** Pulls like PullImage and reports progress while it does. Absent where PullImage is the way. */
  pull?(
    reference: string,
    options: CallOptions & ProgressOptions & { auth?: RegistryAuth },
  ): Promise<Image>;
  /** Loads an OCI layout or docker-save archive (tar, plain or gzip or zstd); one entry per image. */
  load(
    archive: Readable,
    options: CallOptions &
      ProgressOptions & { /** For an archive without names. */ reference?: string },
  ): Promise<LoadedImage[]>;
  /** Removes one name. The image goes with its last name. NotFound for an unknown name. */
  untag(reference: string, options?: CallOptions): Promise<{ removedImage: boolean }>;
  /**
   * Gives the image one more name, `target`, taking it from an image that had it. Idempotent.
   * InvalidArgument for a target with a digest, which nobody can choose.
   */
  tag(source: string, target: string, options?: CallOptions): Promise<void>;
  /**
   * Writes one archive with all these images: an OCI layout that has docker's manifest.json as well.
   * The same images give the same bytes. An image is saved under the names it is asked for by, one
   * asked for by ID without a name. Every blob is verified as it is written. NotFound before the
   * first byte; `archive` is never ended, and what was written before a failure is no archive.
   */
  save(
    references: readonly string[],
    archive: Writable,
    options: CallOptions & ProgressOptions,
  ): Promise<void>;
  /**
   * Uploads what the registry lacks, then the manifest or index, and tries again like a pull.
   * `target` is the name to push it under; without one it is the reference, which must then be a
   * name.
   */
  push(
    reference: string,
    options: CallOptions & ProgressOptions & { target?: string; auth?: RegistryAuth },
  ): Promise<PushedImage>;
  /** What its config tells of how it was made, newest step first. */
  history(reference: string, options?: CallOptions): Promise<HistoryEntry[]>;
  /** What every image takes on disk. */
  diskUsage(options?: CallOptions): Promise<ImageDiskUsage[]>;
}

export interface LoadedImage {
  imageId: string;
  /** Empty for an archive that names none. */
  references: string[];
}

export interface PushedImage {
  /** Where it is now, in full: `registry/repository:tag`. */
  reference: string;
  /** Of the manifest or index that the reference now means there. */
  digest: string;
  /**
   * Platforms that the image's index names and whose content is not here (`linux/arm64`): then the
   * manifest of the platform that is here was pushed in place of the index. Empty otherwise.
   */
  missingPlatforms: readonly string[];
}

export interface HistoryEntry {
  /** As the image has it: RFC 3339. Empty where it tells none. */
  created: string;
  createdBy: string;
  author: string;
  comment: string;
  /** The step changed no file: it has no layer. */
  emptyLayer: boolean;
  /** Of the layer, and of nothing for an empty one. */
  diffId?: string;
  /** Of the layer's files as they lie on disk; absent where nobody knows. */
  sizeBytes?: number;
}

/** Layers count once where several images share them. Sizes are of what lies on disk. */
export interface ImageDiskUsage {
  imageId: string;
  /** Unpacked layers that no other image has. */
  uniqueBytes: number;
  /** Unpacked layers that other images have as well. */
  sharedBytes: number;
  /** Blobs as they came from the registry or archive: layers, config, manifests. */
  contentBytes: number;
}

export interface RegistryAuth {
  username?: string;
  password?: string;
  identityToken?: string;
  registryToken?: string;
}

interface ProgressOptions {
  onProgress?: (progress: ImageProgress) => void;
}

/** A snapshot of a pull, load, save or push: every layer, each in one phase. Sizes are of blobs. */
export interface ImageProgress {
  layers: readonly LayerProgress[];
}

export interface LayerProgress {
  digest: string;
  phase: "waiting" | "downloading" | "unpacking" | "writing" | "uploading" | "done" | "exists";
  doneBytes: number;
  totalBytes: number;
}
