import { hostname as hostHostname } from "node:os";
import { join } from "node:path";
import { NamespaceMode, type PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { checkConfig, namespaceOptions } from "./check-config.ts";
import { mappedPorts, planAttachment } from "./pod-network.ts";
import type { Sandbox } from "./sandbox.ts";

/** Checks the configuration and decides all there is to decide, before anything is done. */
export async function planSandbox(
  engine: Engine,
  options: { id: string; config: PodSandboxConfig; runtimeHandler: string },
): Promise<Sandbox> {
  const { id, config, runtimeHandler } = options;
  checkConfig(config);
  checkHandler(engine, runtimeHandler);
  const { network, ipc, pid } = namespaceOptions(config);
  const directory = join(engine.paths.sandboxes, id);
  const pinned = (name: string, isOwn: boolean) =>
    isOwn ? join(directory, "ns", name) : undefined;
  const hasNetwork = network === NamespaceMode.POD;
  const networkFile = pinned("net", hasNetwork);
  return {
    id,
    createdAtNs: engine.now(),
    config,
    phase: "creating",
    bootId: engine.self.bootId,
    runtimeHandler,
    // The host's name belongs to the host's network, as its UTS namespace does.
    hostname: hasNetwork ? config.hostname || id.slice(0, 12) : hostHostname(),
    directory,
    namespaces: {
      network: networkFile,
      ipc: pinned("ipc", ipc === NamespaceMode.POD),
      uts: pinned("uts", hasNetwork),
      pid: pinned("pid", pid === NamespaceMode.POD),
      user: undefined,
    },
    shmDirectory: ipc === NamespaceMode.POD ? join(directory, "shm") : undefined,
    cgroupPath: join(cgroupParent(engine, config), id),
    attachment:
      networkFile === undefined
        ? undefined
        : await planAttachment(engine, { id, config, namespaceFile: networkFile }),
    pause: undefined,
    hostPorts: mappedPorts(config).map(
      ({ protocol, hostIP, hostPort }) => `${protocol}:${hostIP || "*"}:${hostPort}`,
    ),
  };
}

function checkHandler(engine: Engine, name: string): void {
  if (Object.hasOwn(engine.config.handlers, name)) return;
  const known = Object.keys(engine.config.handlers).filter((handler) => handler !== "");
  throw new StatusError("InvalidArgument", `no runtime handler "${name}" is configured`, {
    hint: known.length === 0 ? "only the default handler is" : `configured: ${known.join(", ")}`,
  });
}

/** A systemd slice stands for its path: `a-b.slice` lies in `a.slice`. */
function cgroupParent(engine: Engine, config: PodSandboxConfig): string {
  const parent = config.linux?.cgroupParent || engine.config.cgroupParent;
  if (!parent.endsWith(".slice") || parent.includes("/")) return join("/", parent);
  const parts = parent.slice(0, -".slice".length).split("-");
  return `/${parts.map((_, index) => `${parts.slice(0, index + 1).join("-")}.slice`).join("/")}`;
}
