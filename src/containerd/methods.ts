import type { Codec } from "../cri/methods.ts";
import * as content from "./gen/containerd/services/content/v1/content.ts";
import * as diff from "./gen/containerd/services/diff/v1/diff.ts";
import * as images from "./gen/containerd/services/images/v1/images.ts";
import * as leases from "./gen/containerd/services/leases/v1/leases.ts";
import * as snapshots from "./gen/containerd/services/snapshots/v1/snapshots.ts";
import { Empty } from "./gen/google/protobuf/empty.ts";

/** One method of containerd's services. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  /** 0 means no limit. */
  readonly timeoutMs: number;
}

/** What has an answer in containerd's database. */
const SHORT_MS = 10_000;
/** Removing and committing may wait for file systems and for garbage collection. */
const LONG_MS = 240_000;
const NONE = 0;

export const IMAGES = {
  get: of("images.v1.Images/Get", images.GetImageRequest, images.GetImageResponse),
  list: of("images.v1.Images/List", images.ListImagesRequest, images.ListImagesResponse),
  create: of("images.v1.Images/Create", images.CreateImageRequest, images.CreateImageResponse),
  update: of("images.v1.Images/Update", images.UpdateImageRequest, images.UpdateImageResponse),
  delete: of("images.v1.Images/Delete", images.DeleteImageRequest, Empty, LONG_MS),
} as const;

export const CONTENT = {
  info: of("content.v1.Content/Info", content.InfoRequest, content.InfoResponse),
  update: of("content.v1.Content/Update", content.UpdateRequest, content.UpdateResponse),
  read: of(
    "content.v1.Content/Read",
    content.ReadContentRequest,
    content.ReadContentResponse,
    NONE,
  ),
  write: of(
    "content.v1.Content/Write",
    content.WriteContentRequest,
    content.WriteContentResponse,
    NONE,
  ),
  abort: of("content.v1.Content/Abort", content.AbortRequest, Empty),
} as const;

export const LEASES = {
  create: of("leases.v1.Leases/Create", leases.CreateRequest, leases.CreateResponse),
  delete: of("leases.v1.Leases/Delete", leases.DeleteRequest, Empty, LONG_MS),
  addResource: of("leases.v1.Leases/AddResource", leases.AddResourceRequest, Empty),
} as const;

export const SNAPSHOTS = {
  prepare: of(
    "snapshots.v1.Snapshots/Prepare",
    snapshots.PrepareSnapshotRequest,
    snapshots.PrepareSnapshotResponse,
    LONG_MS,
  ),
  commit: of("snapshots.v1.Snapshots/Commit", snapshots.CommitSnapshotRequest, Empty, LONG_MS),
  remove: of("snapshots.v1.Snapshots/Remove", snapshots.RemoveSnapshotRequest, Empty, LONG_MS),
  stat: of(
    "snapshots.v1.Snapshots/Stat",
    snapshots.StatSnapshotRequest,
    snapshots.StatSnapshotResponse,
  ),
  usage: of(
    "snapshots.v1.Snapshots/Usage",
    snapshots.UsageRequest,
    snapshots.UsageResponse,
    LONG_MS,
  ),
} as const;

export const DIFF = {
  apply: of("diff.v1.Diff/Apply", diff.ApplyRequest, diff.ApplyResponse, NONE),
} as const;

function of<Request, Response>(
  name: string,
  request: Codec<Request>,
  response: Codec<Response>,
  timeoutMs = SHORT_MS,
): Method<Request, Response> {
  return { path: `/containerd.services.${name}`, request, response, timeoutMs };
}
