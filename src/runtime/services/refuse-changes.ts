import type { CriBackend } from "../../cri/backend.ts";
import type { ImageStore } from "../../cri/image-store.ts";
import type { ImageService, RuntimeService } from "../../cri/services.ts";
import type { Engine } from "../engine.ts";
import { readOnlyDiskError } from "../state/to-database-error.ts";

/** `passes`: it changes something, but nothing of what is written down. */
type Kinds<Service> = Readonly<Record<keyof Service, "looks" | "passes" | "changes">>;

const RUNTIME: Kinds<RuntimeService> = {
  version: "looks",
  runPodSandbox: "changes",
  stopPodSandbox: "changes",
  removePodSandbox: "changes",
  podSandboxStatus: "looks",
  listPodSandbox: "looks",
  streamPodSandboxes: "looks",
  updatePodSandboxResources: "changes",
  createContainer: "changes",
  startContainer: "changes",
  stopContainer: "changes",
  removeContainer: "changes",
  listContainers: "looks",
  streamContainers: "looks",
  containerStatus: "looks",
  updateContainerResources: "changes",
  reopenContainerLog: "changes",
  checkpointContainer: "changes",
  getContainerEvents: "looks",
  containerStats: "looks",
  listContainerStats: "looks",
  streamContainerStats: "looks",
  podSandboxStats: "looks",
  listPodSandboxStats: "looks",
  streamPodSandboxStats: "looks",
  listMetricDescriptors: "looks",
  listPodSandboxMetrics: "looks",
  streamPodSandboxMetrics: "looks",
  status: "looks",
  runtimeConfig: "looks",
  updateRuntimeConfig: "changes",
  execSync: "passes",
  exec: "changes",
  attach: "changes",
  portForward: "changes",
};

const IMAGES: Kinds<ImageService> = {
  listImages: "looks",
  streamImages: "looks",
  imageStatus: "looks",
  imageFsInfo: "looks",
  pullImage: "changes",
  removeImage: "changes",
};

const IMAGE_STORE: Kinds<ImageStore> = {
  pull: "changes",
  load: "changes",
  untag: "changes",
  tag: "changes",
  save: "passes",
  push: "changes",
  history: "looks",
  diskUsage: "looks",
};

const STREAMS: Kinds<CriBackend["streams"]> = {
  exec: "passes",
  attach: "passes",
  portForward: "passes",
};

/**
 * The backend of a root on a disk that may only be read. What changes something is refused before it
 * has begun: it would have an effect, and then nobody could write down that it had.
 */
export function refuseChanges(engine: Engine, backend: CriBackend): CriBackend {
  const refuse = () => Promise.reject(readOnlyDiskError(engine.paths.database));
  const only = <Service extends object>(service: Service, kinds: Kinds<Service>): Service => {
    const refused = Object.entries(kinds).filter(([, kind]) => kind === "changes");
    return { ...service, ...Object.fromEntries(refused.map(([name]) => [name, refuse])) };
  };
  return {
    ...backend,
    runtime: only(backend.runtime, RUNTIME),
    images: only(backend.images, IMAGES),
    streams: only(backend.streams, STREAMS),
    async imageStore() {
      const store = await backend.imageStore();
      return store && only(store, IMAGE_STORE);
    },
  };
}
