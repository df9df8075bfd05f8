import type { FilesystemUsage, ImageFsInfoResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { Engine } from "../engine.ts";

/** ImageFsInfo: what blobs and layers take. Images and containers share one file system. */
export async function imageFsInfo(engine: Engine): Promise<ImageFsInfoResponse> {
  const used = engine.database.read((db) => {
    const layers = db
      .prepare("SELECT sum(size_bytes) AS bytes, sum(inodes) AS inodes FROM snapshots")
      .get();
    const blobs = db
      .prepare("SELECT sum(size_bytes) AS bytes, count(*) AS inodes FROM blobs")
      .get();
    return {
      bytes: Number(layers?.bytes ?? 0) + Number(blobs?.bytes ?? 0),
      inodes: Number(layers?.inodes ?? 0) + Number(blobs?.inodes ?? 0),
    };
  });
  const usage: FilesystemUsage = {
    timestamp: engine.now(),
    fsId: { mountpoint: engine.paths.snapshots },
    usedBytes: { value: BigInt(used.bytes) },
    inodesUsed: { value: BigInt(used.inodes) },
  };
  return { imageFilesystems: [usage], containerFilesystems: [usage] };
}
