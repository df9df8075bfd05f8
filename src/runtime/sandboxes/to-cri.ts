import {
  type PodSandbox,
  PodSandboxState,
  type PodSandboxStatus,
} from "../../cri/gen/runtime/v1/api.ts";
import { toJson } from "../../cri/json/to-json.ts";
import { resultAddresses } from "../cni/network-list.ts";
import type { Engine } from "../engine.ts";
import { namespaceOptions } from "./check-config.ts";
import { isReady, type Sandbox } from "./sandbox.ts";

/** The pod as ListPodSandbox tells of it. */
export function toPodSandbox(engine: Engine, sandbox: Sandbox): PodSandbox {
  return {
    id: sandbox.id,
    metadata: sandbox.config.metadata,
    state: toState(engine, sandbox),
    createdAt: sandbox.createdAtNs,
    labels: sandbox.config.labels,
    annotations: sandbox.config.annotations,
    runtimeHandler: sandbox.runtimeHandler,
  };
}

/** The pod as PodSandboxStatus tells of it: addresses only while it has them. */
export function toPodSandboxStatus(engine: Engine, sandbox: Sandbox): PodSandboxStatus {
  const addresses = isReady(sandbox, engine.self.bootId)
    ? resultAddresses(sandbox.attachment?.result)
    : [];
  return {
    ...toPodSandbox(engine, sandbox),
    network: {
      ip: addresses[0] ?? "",
      additionalIps: addresses.slice(1).map((ip) => ({ ip })),
    },
    linux: { namespaces: { options: namespaceOptions(sandbox.config) } },
  };
}

/** What CRI has no field for, as one JSON document, where the other runtimes put theirs. */
export function toVerboseInfo(sandbox: Sandbox): { [key: string]: string } {
  const { config, attachment, namespaces, createdAtNs: _, ...facts } = sandbox;
  const info = {
    pid: sandbox.pause?.pid ?? 0,
    ...facts,
    namespaces,
    network: attachment?.list.name,
    cniResult: attachment?.result,
    config: toJson("PodSandboxConfig", config),
  };
  return { info: JSON.stringify(info) };
}

function toState(engine: Engine, sandbox: Sandbox): PodSandboxState {
  return isReady(sandbox, engine.self.bootId)
    ? PodSandboxState.SANDBOX_READY
    : PodSandboxState.SANDBOX_NOTREADY;
}
