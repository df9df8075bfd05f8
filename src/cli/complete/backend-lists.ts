import type { CriBackend } from "../../cri/backend.ts";
import { createMessage } from "../../cri/create-message.ts";
import {
  ExecSyncRequest,
  ListContainersRequest,
  ListImagesRequest,
  ListPodSandboxRequest,
  StatusRequest,
} from "../../cri/gen/runtime/v1/api.ts";
import { processInInfo } from "../processes/process-in-info.ts";
import type { ObjectLists } from "./object-lists.ts";

export interface BackendListsOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The lists of an open backend; it is asked for at the first question. */
export function backendLists(
  backend: () => Promise<CriBackend>,
  { timeoutMs, signal }: BackendListsOptions,
): ObjectLists {
  const call = { signal, timeoutMs };
  return {
    async containers() {
      const { runtime } = await backend();
      const request = createMessage(ListContainersRequest, {});
      return (await runtime.listContainers(request, call)).containers;
    },
    async pods() {
      const { runtime } = await backend();
      const request = createMessage(ListPodSandboxRequest, {});
      return (await runtime.listPodSandbox(request, call)).items;
    },
    async images() {
      const { images } = await backend();
      return (await images.listImages(createMessage(ListImagesRequest, {}), call)).images;
    },
    async handlers() {
      const { runtime } = await backend();
      const { runtimeHandlers } = await runtime.status(createMessage(StatusRequest, {}), call);
      return runtimeHandlers.map(({ name }) => name);
    },
    async processOf(containerId) {
      const { runtime, endpoint } = await backend();
      if (endpoint.startsWith("tcp:")) return undefined;
      const { info } = await runtime.containerStatus({ containerId, verbose: true }, call);
      return processInInfo(info.info);
    },
    async listDirectory(containerId, path) {
      const { runtime } = await backend();
      const cmd = ["ls", "-1ap", "--", path];
      const request = createMessage(ExecSyncRequest, { containerId, cmd, timeout: 1n });
      const { exitCode, stdout } = await runtime.execSync(request, call);
      if (exitCode !== 0) return undefined;
      return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
    },
  };
}
