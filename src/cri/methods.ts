/**
 * Every RPC of the contract as data: what the gRPC client, the server and the tests iterate over.
 */
import {
  AttachRequest,
  AttachResponse,
  CheckpointContainerRequest,
  CheckpointContainerResponse,
  ContainerEventResponse,
  ContainerStatsRequest,
  ContainerStatsResponse,
  ContainerStatusRequest,
  ContainerStatusResponse,
  CreateContainerRequest,
  CreateContainerResponse,
  ExecRequest,
  ExecResponse,
  ExecSyncRequest,
  ExecSyncResponse,
  GetEventsRequest,
  ImageFsInfoRequest,
  ImageFsInfoResponse,
  ImageStatusRequest,
  ImageStatusResponse,
  ListContainerStatsRequest,
  ListContainerStatsResponse,
  ListContainersRequest,
  ListContainersResponse,
  ListImagesRequest,
  ListImagesResponse,
  ListMetricDescriptorsRequest,
  ListMetricDescriptorsResponse,
  ListPodSandboxMetricsRequest,
  ListPodSandboxMetricsResponse,
  ListPodSandboxRequest,
  ListPodSandboxResponse,
  ListPodSandboxStatsRequest,
  ListPodSandboxStatsResponse,
  PodSandboxStatsRequest,
  PodSandboxStatsResponse,
  PodSandboxStatusRequest,
  PodSandboxStatusResponse,
  PortForwardRequest,
  PortForwardResponse,
  PullImageRequest,
  PullImageResponse,
  RemoveContainerRequest,
  RemoveContainerResponse,
  RemoveImageRequest,
  RemoveImageResponse,
  RemovePodSandboxRequest,
  RemovePodSandboxResponse,
  ReopenContainerLogRequest,
  ReopenContainerLogResponse,
  RunPodSandboxRequest,
  RunPodSandboxResponse,
  RuntimeConfigRequest,
  RuntimeConfigResponse,
  StartContainerRequest,
  StartContainerResponse,
  StatusRequest,
  StatusResponse,
  StopContainerRequest,
  StopContainerResponse,
  StopPodSandboxRequest,
  StopPodSandboxResponse,
  StreamContainerStatsRequest,
  StreamContainerStatsResponse,
  StreamContainersRequest,
  StreamContainersResponse,
  StreamImagesRequest,
  StreamImagesResponse,
  StreamPodSandboxesRequest,
  StreamPodSandboxesResponse,
  StreamPodSandboxMetricsRequest,
  StreamPodSandboxMetricsResponse,
  StreamPodSandboxStatsRequest,
  StreamPodSandboxStatsResponse,
  UpdateContainerResourcesRequest,
  UpdateContainerResourcesResponse,
  UpdatePodSandboxResourcesRequest,
  UpdatePodSandboxResourcesResponse,
  UpdateRuntimeConfigRequest,
  UpdateRuntimeConfigResponse,
  VersionRequest,
  VersionResponse,
} from "./gen/runtime/v1/api.ts";
import type { ImageService, RuntimeService } from "./services.ts";

/** Encodes to and decodes from the wire. */
export interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
}

export interface MethodFacts<Request = object, Response = object> {
  request: Codec<Request>;
  response: Codec<Response>;
  serverStreaming: boolean;
}

/** RuntimeService, keyed by the name of the method in the interface; on the wire its first letter is a capital. */
export const RUNTIME_METHODS = {
  version: method(VersionRequest, VersionResponse),
  runPodSandbox: method(RunPodSandboxRequest, RunPodSandboxResponse),
  stopPodSandbox: method(StopPodSandboxRequest, StopPodSandboxResponse),
  removePodSandbox: method(RemovePodSandboxRequest, RemovePodSandboxResponse),
  podSandboxStatus: method(PodSandboxStatusRequest, PodSandboxStatusResponse),
  listPodSandbox: method(ListPodSandboxRequest, ListPodSandboxResponse),
  streamPodSandboxes: method(StreamPodSandboxesRequest, StreamPodSandboxesResponse, true),
  createContainer: method(CreateContainerRequest, CreateContainerResponse),
  startContainer: method(StartContainerRequest, StartContainerResponse),
  stopContainer: method(StopContainerRequest, StopContainerResponse),
  removeContainer: method(RemoveContainerRequest, RemoveContainerResponse),
  listContainers: method(ListContainersRequest, ListContainersResponse),
  streamContainers: method(StreamContainersRequest, StreamContainersResponse, true),
  containerStatus: method(ContainerStatusRequest, ContainerStatusResponse),
  updateContainerResources: method(
    UpdateContainerResourcesRequest,
    UpdateContainerResourcesResponse,
  ),
  reopenContainerLog: method(ReopenContainerLogRequest, ReopenContainerLogResponse),
  execSync: method(ExecSyncRequest, ExecSyncResponse),
  exec: method(ExecRequest, ExecResponse),
  attach: method(AttachRequest, AttachResponse),
  portForward: method(PortForwardRequest, PortForwardResponse),
  containerStats: method(ContainerStatsRequest, ContainerStatsResponse),
  listContainerStats: method(ListContainerStatsRequest, ListContainerStatsResponse),
  streamContainerStats: method(StreamContainerStatsRequest, StreamContainerStatsResponse, true),
  podSandboxStats: method(PodSandboxStatsRequest, PodSandboxStatsResponse),
  listPodSandboxStats: method(ListPodSandboxStatsRequest, ListPodSandboxStatsResponse),
  streamPodSandboxStats: method(StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse, true),
  updateRuntimeConfig: method(UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse),
  status: method(StatusRequest, StatusResponse),
  checkpointContainer: method(CheckpointContainerRequest, CheckpointContainerResponse),
  getContainerEvents: method(GetEventsRequest, ContainerEventResponse, true),
  listMetricDescriptors: method(ListMetricDescriptorsRequest, ListMetricDescriptorsResponse),
  listPodSandboxMetrics: method(ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse),
  streamPodSandboxMetrics: method(
    StreamPodSandboxMetricsRequest,
    StreamPodSandboxMetricsResponse,
    true,
  ),
  runtimeConfig: method(RuntimeConfigRequest, RuntimeConfigResponse),
  updatePodSandboxResources: method(
    UpdatePodSandboxResourcesRequest,
    UpdatePodSandboxResourcesResponse,
  ),
} as const satisfies Record<keyof RuntimeService, unknown>;

/** ImageService, keyed by the name of the method in the interface; on the wire its first letter is a capital. */
export const IMAGE_METHODS = {
  listImages: method(ListImagesRequest, ListImagesResponse),
  streamImages: method(StreamImagesRequest, StreamImagesResponse, true),
  imageStatus: method(ImageStatusRequest, ImageStatusResponse),
  pullImage: method(PullImageRequest, PullImageResponse),
  removeImage: method(RemoveImageRequest, RemoveImageResponse),
  imageFsInfo: method(ImageFsInfoRequest, ImageFsInfoResponse),
} as const satisfies Record<keyof ImageService, unknown>;

export type RuntimeMethod = keyof RuntimeService;
export type ImageMethod = keyof ImageService;

/** The path of a method on the wire, as in `/runtime.v1.RuntimeService/ListContainers`. */
export function methodPath(
  packageName: string,
  service: "RuntimeService" | "ImageService",
  method: RuntimeMethod | ImageMethod,
): string {
  return `/${packageName}.${service}/${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}

function method<Request, Response>(
  request: Codec<Request>,
  response: Codec<Response>,
  serverStreaming = false,
): MethodFacts<Request, Response> {
  return { request, response, serverStreaming };
}
