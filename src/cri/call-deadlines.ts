import type { ExecSyncRequest, StopContainerRequest } from "./gen/runtime/v1/api.ts";
import type { ImageMethod, RuntimeMethod } from "./methods.ts";

/** No limit. */
const NONE = 0;
/** Answers from what the daemon has in memory, on a busy node as well. */
const SHORT_MS = 10_000;
/** Walks file systems or cgroups, or asks a runtime to act at once. */
const MEDIUM_MS = 30_000;
/** Mounts, networks and the OCI runtime, on a node under load. */
const LONG_MS = 240_000;
/** What a daemon may take beyond the time that the request itself grants. */
const MARGIN_MS = 10_000;
/** Timers hold 31 bits: 24 days. What is longer is no limit. */
const MAX_MS = 2_147_483_647;

const FIXED_MS: Partial<Record<RuntimeMethod | ImageMethod, number>> = {
  runPodSandbox: LONG_MS,
  stopPodSandbox: LONG_MS,
  removePodSandbox: LONG_MS,
  createContainer: LONG_MS,
  startContainer: LONG_MS,
  removeContainer: LONG_MS,
  removeImage: LONG_MS,
  pullImage: NONE,
  updateContainerResources: MEDIUM_MS,
  updatePodSandboxResources: MEDIUM_MS,
  reopenContainerLog: MEDIUM_MS,
  exec: MEDIUM_MS,
  attach: MEDIUM_MS,
  portForward: MEDIUM_MS,
  containerStats: MEDIUM_MS,
  listContainerStats: MEDIUM_MS,
  podSandboxStats: MEDIUM_MS,
  listPodSandboxStats: MEDIUM_MS,
  listPodSandboxMetrics: MEDIUM_MS,
  imageFsInfo: MEDIUM_MS,
};

/**
 * The time that one unary call may take, in milliseconds; 0 means no limit. A kind of call has the
 * time its work needs: stopping a container the grace that the request grants and ten seconds, a
 * pull all it wants. Server streams have none.
 */
export function callTimeoutMs(method: RuntimeMethod | ImageMethod, request: object): number {
  if (method === "stopContainer") {
    return within(Number((request as StopContainerRequest).timeout) * 1000 + MARGIN_MS);
  }
  if (method === "execSync" || method === "checkpointContainer") {
    const seconds = Number((request as ExecSyncRequest).timeout);
    return seconds > 0 ? within(seconds * 1000 + MARGIN_MS) : NONE;
  }
  return FIXED_MS[method] ?? SHORT_MS;
}

function within(timeoutMs: number): number {
  if (timeoutMs > MAX_MS) return NONE;
  return Math.max(timeoutMs, MARGIN_MS);
}
