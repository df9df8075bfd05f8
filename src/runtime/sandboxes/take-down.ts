/**
 * The undoing of a pod's effects, each by itself: what a failed run, a stop, a removal and a recovery
 * are made of. Every one is idempotent and bears that its effect never happened.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { killCgroup } from "../cgroups/kill-cgroup.ts";
import { removeCgroup } from "../cgroups/remove-cgroup.ts";
import { deleteNetwork } from "../cni/delete-network.ts";
import type { Engine } from "../engine.ts";
import { readPinnedNamespace } from "../host/pin-namespaces.ts";
import { unmount } from "../host/unmount.ts";
import { unpinNamespaces } from "../host/unpin-namespaces.ts";
import type { Sandbox } from "./sandbox.ts";

/** DEL, with what ADD was done with; before the namespace is unpinned. */
export async function deleteSandboxNetwork(engine: Engine, sandbox: Sandbox): Promise<void> {
  const { attachment } = sandbox;
  if (attachment === undefined) return;
  const pinned = await readPinnedNamespace(attachment.namespaceFile);
  await deleteNetwork(attachment, {
    pluginDirs: engine.config.cniPluginDirs,
    namespaceExists: pinned !== undefined,
  });
}

/** The pod's first process and its namespaces; the processes of containers are gone by then. */
export async function unpinSandbox(sandbox: Sandbox): Promise<void> {
  if (sandbox.namespaces.pid !== undefined) {
    await killCgroup(join(sandbox.cgroupPath, "pause"));
  }
  await unpinNamespaces(join(sandbox.directory, "ns"));
}

/** Shared memory, cgroup and directory. */
export async function removeSandboxFiles(sandbox: Sandbox): Promise<void> {
  if (sandbox.shmDirectory !== undefined) await unmount(sandbox.shmDirectory, { detach: true });
  await removeCgroup(sandbox.cgroupPath);
  await rm(sandbox.directory, { recursive: true, force: true });
}
