import { mkdir } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { mount } from "../host/mount.ts";
import { prepareSnapshot } from "../snapshots/prepare-snapshot.ts";
import { snapshotMount } from "../snapshots/snapshot-mount.ts";

/** Makes the container's writable snapshot and mounts it; undone by removeEffects. */
export async function mountRootfs(
  engine: Engine,
  options: { containerId: string; chainId: string; rootfs: string },
): Promise<void> {
  const { containerId, chainId, rootfs } = options;
  await prepareSnapshot(engine, containerId, chainId);
  const { lowerDirs, upperDir, workDir } = snapshotMount(engine, containerId);
  await mkdir(rootfs, { recursive: true, mode: 0o711 });
  const data = `lowerdir=${lowerDirs.join(":")},upperdir=${upperDir},workdir=${workDir}`;
  await mount({ source: "overlay", target: rootfs, type: "overlay", data });
}
