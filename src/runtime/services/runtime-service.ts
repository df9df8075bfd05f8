/**
 * The embedded runtime's services: one file per RPC, which finds the objects, calls their room and
 * words the answer. Nothing is loaded before it is called. Here they become CRI's RuntimeService.
 */
import type { RuntimeService } from "../../cri/services.ts";
import type { Engine } from "../engine.ts";
import { guardCall, guardStream } from "./guard-call.ts";
import type { StreamingUrls } from "./streaming-urls.ts";

export function createRuntimeService(engine: Engine, urls: StreamingUrls): RuntimeService {
  return {
    ...podMethods(engine),
    ...containerMethods(engine),
    ...figureMethods(engine),
    ...runtimeMethods(engine),
    execSync: guardCall(async (request, options) =>
      (await import("./exec-sync.ts")).execSync(engine, request, options),
    ),
    exec: guardCall((request) => urls.exec(request)),
    attach: guardCall((request) => urls.attach(request)),
    portForward: guardCall((request) => urls.portForward(request)),
  };
}

type PodMethods = Pick<
  RuntimeService,
  | "runPodSandbox"
  | "stopPodSandbox"
  | "removePodSandbox"
  | "podSandboxStatus"
  | "listPodSandbox"
  | "streamPodSandboxes"
  | "updatePodSandboxResources"
>;

function podMethods(engine: Engine): PodMethods {
  return {
    runPodSandbox: guardCall(async (request, options) =>
      (await import("./sandbox-run.ts")).runPodSandbox(engine, request, options),
    ),
    stopPodSandbox: guardCall(async (request, options) =>
      (await import("./sandbox-stop.ts")).stopPodSandbox(engine, request, options),
    ),
    removePodSandbox: guardCall(async (request, options) =>
      (await import("./sandbox-remove.ts")).removePodSandbox(engine, request, options),
    ),
    podSandboxStatus: guardCall(async (request) =>
      (await import("./sandbox-status.ts")).podSandboxStatus(engine, request),
    ),
    listPodSandbox: guardCall(async (request) =>
      (await import("./sandbox-list.ts")).listPodSandbox(engine, request),
    ),
    streamPodSandboxes: guardStream(async function* (request) {
      yield* (await import("./sandbox-stream.ts")).streamPodSandboxes(engine, request);
    }),
    updatePodSandboxResources: guardCall(async (request) =>
      (await import("./sandbox-update-resources.ts")).updatePodSandboxResources(engine, request),
    ),
  };
}

type ContainerMethods = Pick<
  RuntimeService,
  | "createContainer"
  | "startContainer"
  | "stopContainer"
  | "removeContainer"
  | "listContainers"
  | "streamContainers"
  | "containerStatus"
  | "updateContainerResources"
  | "reopenContainerLog"
  | "checkpointContainer"
  | "getContainerEvents"
>;

function containerMethods(engine: Engine): ContainerMethods {
  return {
    createContainer: guardCall(async (request, options) =>
      (await import("./container-create.ts")).createContainer(engine, request, options),
    ),
    startContainer: guardCall(async (request, options) =>
      (await import("./container-start.ts")).startContainer(engine, request, options),
    ),
    stopContainer: guardCall(async (request, options) =>
      (await import("./container-stop.ts")).stopContainer(engine, request, options),
    ),
    removeContainer: guardCall(async (request, options) =>
      (await import("./container-remove.ts")).removeContainer(engine, request, options),
    ),
    listContainers: guardCall(async (request) =>
      (await import("./container-list.ts")).listContainers(engine, request),
    ),
    streamContainers: guardStream(async function* (request) {
      yield* (await import("./container-list.ts")).streamContainers(engine, request);
    }),
    containerStatus: guardCall(async (request) =>
      (await import("./container-status.ts")).containerStatus(engine, request),
    ),
    updateContainerResources: guardCall(async (request) =>
      (await import("./container-update.ts")).updateContainerResources(engine, request),
    ),
    reopenContainerLog: guardCall(async (request, options) =>
      (await import("./container-log-reopen.ts")).reopenContainerLog(engine, request, options),
    ),
    checkpointContainer: guardCall(async (request, options) =>
      (await import("./container-checkpoint.ts")).checkpointContainer(engine, request, options),
    ),
    getContainerEvents: guardStream(async function* (_request, options) {
      yield* (await import("./container-events.ts")).getContainerEvents(engine, options);
    }),
  };
}

type FigureMethods = Pick<
  RuntimeService,
  | "containerStats"
  | "listContainerStats"
  | "streamContainerStats"
  | "podSandboxStats"
  | "listPodSandboxStats"
  | "streamPodSandboxStats"
  | "listMetricDescriptors"
  | "listPodSandboxMetrics"
  | "streamPodSandboxMetrics"
>;

function figureMethods(engine: Engine): FigureMethods {
  return {
    containerStats: guardCall(async (request) =>
      (await import("./container-stats.ts")).containerStats(engine, request),
    ),
    listContainerStats: guardCall(async (request) =>
      (await import("./container-stats-list.ts")).listContainerStats(engine, request),
    ),
    streamContainerStats: guardStream(async function* (request) {
      yield* (await import("./container-stats-list.ts")).streamContainerStats(engine, request);
    }),
    podSandboxStats: guardCall(async (request) =>
      (await import("./sandbox-stats.ts")).podSandboxStats(engine, request),
    ),
    listPodSandboxStats: guardCall(async (request) =>
      (await import("./sandbox-stats.ts")).listPodSandboxStats(engine, request),
    ),
    streamPodSandboxStats: guardStream(async function* (request) {
      yield* (await import("./sandbox-stats.ts")).streamPodSandboxStats(engine, request);
    }),
    listMetricDescriptors: guardCall(async () =>
      (await import("./sandbox-metrics.ts")).listMetricDescriptors(),
    ),
    listPodSandboxMetrics: guardCall(async () =>
      (await import("./sandbox-metrics.ts")).listPodSandboxMetrics(engine),
    ),
    streamPodSandboxMetrics: guardStream(async function* () {
      yield* (await import("./sandbox-metrics.ts")).streamPodSandboxMetrics(engine);
    }),
  };
}

type RuntimeMethods = Pick<
  RuntimeService,
  "version" | "status" | "runtimeConfig" | "updateRuntimeConfig"
>;

function runtimeMethods(engine: Engine): RuntimeMethods {
  return {
    version: guardCall(async () => (await import("./runtime-version.ts")).version()),
    status: guardCall(async (request) =>
      (await import("./runtime-status.ts")).status(engine, request),
    ),
    runtimeConfig: guardCall(async () => (await import("./runtime-status.ts")).runtimeConfig()),
    updateRuntimeConfig: guardCall(async (request) =>
      (await import("./runtime-config-update.ts")).updateRuntimeConfig(request),
    ),
  };
}
