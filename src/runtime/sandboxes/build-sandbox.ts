import { mkdir, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import type { ProcessIdentity } from "../../host/process-identity.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import { applyResources } from "../cgroups/apply-resources.ts";
import { createCgroup } from "../cgroups/create-cgroup.ts";
import { moveProcess } from "../cgroups/move-process.ts";
import { addNetwork } from "../cni/add-network.ts";
import { findMissingPlugin } from "../cni/find-plugin.ts";
import { type Attachment, resultAddresses } from "../cni/network-list.ts";
import type { Engine } from "../engine.ts";
import { mount } from "../host/mount.ts";
import { type PinnedNamespace, pinNamespaces } from "../host/pin-namespaces.ts";
import { startPause } from "../host/start-pause.ts";
import type { UndoStack } from "../undo-stack.ts";
import { makeLogDirectory, writePodAddresses, writePodFiles } from "./pod-files.ts";
import type { Sandbox } from "./sandbox.ts";
import { deleteSandboxNetwork, removeSandboxFiles, unpinSandbox } from "./take-down.ts";

const SHM_SIZE = "64m";

/** What a pod has only once it is built. */
export interface BuiltSandbox {
  readonly attachment: Attachment | undefined;
  readonly pause: ProcessIdentity | undefined;
}

/**
 * All effects of running a pod. The network, which takes most of the time, goes beside everything
 * else. Each effect's undoing is on the stack before the effect.
 */
export async function buildSandbox(
  engine: Engine,
  sandbox: Sandbox,
  options: { undo: UndoStack; signal?: AbortSignal | undefined },
): Promise<BuiltSandbox> {
  const { undo, signal } = options;
  requirePlugins(engine, sandbox.attachment);
  undo.push("remove the pod's files", () => removeSandboxFiles(sandbox));
  await mkdir(sandbox.directory, { mode: 0o700 });
  undo.push("unpin the pod's namespaces", () => unpinSandbox(sandbox));
  const results = await Promise.allSettled([
    connect(engine, sandbox, { undo, signal }),
    furnish(sandbox, undo),
    pause(sandbox, signal),
  ]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  throwIfAborted(signal);
  const [network, , first] = results;
  return {
    attachment: network.status === "fulfilled" ? network.value : undefined,
    pause: first.status === "fulfilled" ? first.value : undefined,
  };
}

/** Asked before the first effect: what is half installed must not leave a pod half attached. */
function requirePlugins(engine: Engine, attachment: Attachment | undefined): void {
  if (attachment === undefined) return;
  const missing = findMissingPlugin(attachment.list, engine.config.cniPluginDirs);
  if (missing !== undefined) throw missing;
}

async function connect(
  engine: Engine,
  sandbox: Sandbox,
  { undo, signal }: { undo: UndoStack; signal: AbortSignal | undefined },
): Promise<Attachment | undefined> {
  const { namespaces, attachment } = sandbox;
  const names = (["net", "ipc", "uts"] as const).filter(
    (name) => ({ net: namespaces.network, ipc: namespaces.ipc, uts: namespaces.uts })[name],
  );
  const startedMs = performance.now();
  if (names.length > 0) await pin(sandbox, names, signal);
  const pinnedMs = performance.now();
  if (attachment === undefined) return undefined;
  undo.push("take the pod out of its network", () => deleteSandboxNetwork(engine, sandbox));
  const added = await addNetwork(attachment, {
    pluginDirs: engine.config.cniPluginDirs,
    signal,
  });
  engine.log.debug("added the pod to its network", {
    pod: sandbox.id,
    pinMs: pinnedMs - startedMs,
    addMs: performance.now() - pinnedMs,
  });
  const addresses = resultAddresses(added.result);
  if (addresses.length === 0) {
    throw new StatusError("Internal", `the network "${attachment.list.name}" gave no address`);
  }
  await writePodAddresses(sandbox, addresses);
  return added;
}

async function pin(
  sandbox: Sandbox,
  namespaces: readonly PinnedNamespace[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await pinNamespaces({
    directory: join(sandbox.directory, "ns"),
    namespaces,
    hostname: sandbox.namespaces.uts === undefined ? undefined : sandbox.hostname,
    sysctls: sandbox.config.linux?.sysctls ?? {},
    signal,
  });
}

/** Files, shared memory, cgroup and log directory. */
async function furnish(sandbox: Sandbox, undo: UndoStack): Promise<void> {
  createCgroup(sandbox.cgroupPath);
  const { overhead, resources } = sandbox.config.linux ?? {};
  for (const limits of [resources, overhead]) {
    if (limits !== undefined) applyResources(sandbox.cgroupPath, limits);
  }
  await writePodFiles(sandbox);
  if (sandbox.shmDirectory !== undefined) {
    await mkdir(sandbox.shmDirectory, { mode: 0o1777 });
    await mount({
      source: "shm",
      target: sandbox.shmDirectory,
      type: "tmpfs",
      flags: ["nosuid", "nodev", "noexec"],
      data: `mode=1777,size=${SHM_SIZE}`,
    });
  }
  const { logDirectory } = sandbox.config;
  const firstMade = await makeLogDirectory(logDirectory);
  if (firstMade !== undefined) {
    undo.push("remove the log directory", () => removeEmpty(logDirectory, firstMade));
  }
}

/** Removes directories from the innermost up to the first that was made, as far as they are empty. */
async function removeEmpty(from: string, upTo: string): Promise<void> {
  for (let directory = from; directory.startsWith(upTo); directory = dirname(directory)) {
    try {
      await rmdir(directory);
    } catch {
      return;
    }
  }
}

async function pause(
  sandbox: Sandbox,
  signal: AbortSignal | undefined,
): Promise<ProcessIdentity | undefined> {
  const file = sandbox.namespaces.pid;
  if (file === undefined) return undefined;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const cgroup = join(sandbox.cgroupPath, "pause");
  return await startPause({
    file,
    directory: sandbox.directory,
    signal,
    async place(pid) {
      createCgroup(cgroup);
      await moveProcess(cgroup, pid);
    },
  });
}
