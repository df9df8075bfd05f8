import { mkdir } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { mountSnapshot } from "../snapshots/mount-snapshot.ts";
import { prepareSnapshot } from "../snapshots/prepare-snapshot.ts";

/** Makes the container's writable snapshot and mounts it; undone by removeEffects. */
export async function mountRootfs(
  engine: Engine,
  options: { containerId: string; chainId: string; rootfs: string },
): Promise<void> {
  const { containerId, chainId, rootfs } = options;
  await prepareSnapshot(engine, containerId, chainId);
  await mkdir(rootfs, { recursive: true, mode: 0o711 });
  await mountSnapshot(engine, containerId, rootfs);
}
