import { join } from "node:path";
import type { PodEnvironment } from "../containers/pod-environment.ts";
import type { Engine } from "../engine.ts";
import type { Sandbox } from "./sandbox.ts";

/** What the pod's containers are told of it. */
export function podEnvironment(_engine: Engine, sandbox: Sandbox): PodEnvironment {
  return {
    sandboxId: sandbox.id,
    config: sandbox.config,
    runtimeHandler: sandbox.runtimeHandler,
    namespaces: sandbox.namespaces,
    cgroupPath: sandbox.cgroupPath,
    ...podFiles(sandbox.directory),
    shmDirectory: sandbox.shmDirectory,
    hostname: sandbox.hostname,
  };
}

/** The files that are bound over the containers' own. */
export function podFiles(directory: string): {
  hostsFile: string;
  resolvConfFile: string;
  hostnameFile: string;
} {
  return {
    hostsFile: join(directory, "hosts"),
    resolvConfFile: join(directory, "resolv.conf"),
    hostnameFile: join(directory, "hostname"),
  };
}
