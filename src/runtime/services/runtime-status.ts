import {
  CgroupDriver,
  type RuntimeCondition,
  type RuntimeConfigResponse,
  type StatusRequest,
  type StatusResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { findExecutable } from "../../host/find-executable.ts";
import { type HandlerFeatures, readFeatures } from "../containers/runtime-features.ts";
import type { Engine } from "../engine.ts";
import type { HandlerConfig } from "../runtime-config.ts";

/** Status: what is ready, and what each handler can do. */
export async function status(engine: Engine, request: StatusRequest): Promise<StatusResponse> {
  const handlers = Object.entries(engine.config.handlers);
  const asked = new Map<HandlerConfig, Promise<HandlerFeatures>>();
  for (const [name, handler] of handlers) {
    if (!asked.has(handler)) asked.set(handler, readFeatures(engine, name));
  }
  const runtimeHandlers = await Promise.all(
    handlers.map(async ([name, handler]) => ({ name, features: await asked.get(handler) })),
  );
  return {
    status: { conditions: [runtimeReady(engine), networkReady(engine)] },
    info: request.verbose ? verboseInfo(engine) : {},
    runtimeHandlers,
    features: { supplementalGroupsPolicy: true, userNamespacesHostNetwork: false },
  };
}

/** RuntimeConfig: without an answer a client assumes systemd. */
export function runtimeConfig(): RuntimeConfigResponse {
  return { linux: { cgroupDriver: CgroupDriver.CGROUPFS } };
}

function runtimeReady(engine: Engine): RuntimeCondition {
  const handlers = new Set(Object.values(engine.config.handlers));
  const programs = [...Array.from(handlers, ({ path }) => path), engine.config.conmon];
  return condition("RuntimeReady", {
    missing: programs.filter((program) => findExecutable(program) === undefined),
    reason: "ProgramMissing",
  });
}

function networkReady(engine: Engine): RuntimeCondition {
  const directories = engine.config.cniPluginDirs;
  const has = (plugin: string) =>
    directories.some((directory) => findExecutable(`${directory}/${plugin}`) !== undefined);
  return condition("NetworkReady", {
    missing: ["loopback", "bridge", "host-local"].filter((plugin) => !has(plugin)),
    reason: "NetworkPluginMissing",
  });
}

function condition(
  type: string,
  { missing, reason }: { missing: readonly string[]; reason: string },
): RuntimeCondition {
  const isReady = missing.length === 0;
  return {
    type,
    status: isReady,
    reason: isReady ? "" : reason,
    message: isReady ? "" : `not installed: ${missing.join(", ")}`,
  };
}

function verboseInfo(engine: Engine): Record<string, string> {
  return {
    config: JSON.stringify({ ...engine.config, registries: Object.keys(engine.config.registries) }),
    paths: JSON.stringify(engine.paths),
  };
}
