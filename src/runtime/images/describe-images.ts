import type { DatabaseSync } from "node:sqlite";
import type { HistoryEntry, ImageDiskUsage } from "../../cri/image-store.ts";
import { toChainIds } from "../../images/digest.ts";
import { divideUsage } from "../../images/divide-usage.ts";
import { toImageHistory } from "../../images/image-history.ts";
import type { Engine } from "../engine.ts";
import { findSnapshotRow } from "../snapshots/snapshot-store.ts";
import { getImage } from "./find-image.ts";
import { listImageBlobs, listImageRows } from "./image-store.ts";

/** How an image was made, newest step first, with what its layers take unpacked. NotFound. */
export function imageHistory(engine: Engine, reference: string): HistoryEntry[] {
  const { config } = getImage(engine, reference);
  const chainIds = toChainIds(config.rootfs.diff_ids);
  return engine.database.read((db) =>
    toImageHistory(config, (layer) => findSnapshotRow(db, chainIds[layer] ?? "")?.sizeBytes),
  );
}

/** What every image takes on disk, oldest image first. */
export function imageDiskUsage(engine: Engine): ImageDiskUsage[] {
  return engine.database.read((db) => {
    const images = listImageRows(db).map(({ id, config }) => ({
      imageId: id,
      layers: toChainIds(config.rootfs.diff_ids).map((key) => ({
        key,
        sizeBytes: sizeOf(db, key),
      })),
    }));
    return divideUsage(images).map((usage) => ({
      ...usage,
      contentBytes: listImageBlobs(db, usage.imageId).reduce(
        (sum, blob) => sum + blob.sizeBytes,
        0,
      ),
    }));
  });
}

function sizeOf(db: DatabaseSync, chainId: string): number {
  return findSnapshotRow(db, chainId)?.sizeBytes ?? 0;
}
