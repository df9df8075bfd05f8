import type {
  ContainerStatusRequest,
  ContainerStatusResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import { phaseOf } from "../containers/container-state.ts";
import { getContainer } from "../containers/find-container.ts";
import { readSpec } from "../containers/read-spec.ts";
import type { Engine } from "../engine.ts";
import { toCriStatus } from "./cri-container-status.ts";

/** ContainerStatus: NotFound for an unknown container. */
export async function containerStatus(
  engine: Engine,
  request: ContainerStatusRequest,
): Promise<ContainerStatusResponse> {
  const record = await getContainer(engine, request.containerId);
  return {
    status: toCriStatus(engine, record),
    info: request.verbose ? { info: await verboseInfo(engine, record) } : {},
  };
}

/** The keys are those that clients of containerd look for. */
async function verboseInfo(engine: Engine, record: ContainerRecord): Promise<string> {
  const { toJson } = await import("../../cri/json/to-json.ts");
  return JSON.stringify({
    sandboxID: record.sandboxId,
    pid: phaseOf(record) === "running" ? record.init?.pid : 0,
    shimPid: record.shim?.pid,
    cgroupPath: record.cgroupPath,
    runtimeHandler: record.runtimeHandler,
    snapshotKey: record.id,
    config: toJson("ContainerConfig", record.config),
    runtimeSpec: await readSpec(engine, record),
  });
}
