import { DigestMismatchError } from "../../errors/digest-mismatch-error.ts";
import { createSlots } from "../../host/create-slots.ts";
import { toChainIds } from "../../images/digest.ts";
import type { LayerTracker } from "../../images/track-progress.ts";
import { findBlob, hasBlob } from "../content/find-blob.ts";
import { openIngest } from "../content/open-ingest.ts";
import { streamBlob } from "../content/read-blob.ts";
import type { Engine } from "../engine.ts";
import { type AppliedLayer, applyLayer } from "../layers/apply-layer.ts";
import { inheritDirectories } from "../layers/inherit-directories.ts";
import { beginUnpacking, findCommitted, type Unpacking } from "../snapshots/unpack-snapshot.ts";

export interface LayerSource {
  /** The blob as the manifest names it, perhaps compressed. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly diffId: string;
  /** The blob's bytes from an offset on; asked only where the content store lacks it. */
  fetch(offset: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

interface LayerJob {
  readonly layer: LayerSource;
  readonly chainId: string;
  readonly parentChainId: string;
  readonly parent: Promise<void>;
  readonly signal: AbortSignal;
  readonly progress: LayerTracker;
}

/**
 * Brings the layers of an image, lowest first, into the content store and into committed snapshots.
 * Several flow at once, each into a directory of its own; they are committed in order. What another
 * process is unpacking is waited for. The first failure ends all; committed layers stay for the
 * caller to collect.
 */
export async function unpackLayers(
  engine: Engine,
  layers: readonly LayerSource[],
  options: { signal?: AbortSignal | undefined; progress: readonly LayerTracker[] },
): Promise<void> {
  const stop = new AbortController();
  const signal =
    options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const inSlot = createSlots(engine.config.maxParallelLayers);
  const chainIds = toChainIds(layers.map(({ diffId }) => diffId));
  const failures: unknown[] = [];
  const done: Promise<void>[] = [];
  for (const [index, layer] of layers.entries()) {
    const progress = options.progress[index];
    if (progress === undefined) continue;
    const job: LayerJob = {
      layer,
      chainId: chainIds[index] ?? "",
      parentChainId: chainIds[index - 1] ?? "",
      parent: done[index - 1] ?? Promise.resolve(),
      signal,
      progress,
    };
    const result = unpackLayer(engine, job, inSlot).catch((error: unknown) => {
      failures.push(error);
      stop.abort();
      throw error;
    });
    result.catch(() => {});
    done.push(result);
  }
  await Promise.allSettled(done);
  if (failures.length > 0) throw failures[0];
}

/**
 * A layer waits for the lock of its chain ID and then for its parent, never the other way round, so
 * that processes pulling overlapping images cannot wait for each other in a circle.
 */
async function unpackLayer(
  engine: Engine,
  job: LayerJob,
  inSlot: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  await engine.locks.withLock(`chain:${job.chainId}`, { signal: job.signal }, async () => {
    if (findCommitted(engine, job.chainId) !== undefined) {
      if ((await findBlob(engine, job.layer.digest)) === undefined) {
        await inSlot(() => storeBlob(engine, job));
      }
      job.progress.set("exists");
      return await job.parent;
    }
    const unpacking = await beginUnpacking(engine, job);
    try {
      const applied = await inSlot(() => applyBlob(engine, job, unpacking));
      await job.parent;
      await inheritDirectories({
        directories: applied.impliedDirectories,
        into: unpacking.directory,
        lowerDirs: applied.isRootOpaque ? [] : unpacking.lowerDirs(),
      });
      await unpacking.commit({ ...applied, withoutParent: applied.isRootOpaque });
      job.progress.set("done");
    } finally {
      await unpacking.discard();
    }
  });
}

/**
 * The layer is unpacked already, of another blob or before its own was collected: without this one the
 * image could be neither saved nor pushed as it came.
 */
async function storeBlob(engine: Engine, { layer, signal, progress }: LayerJob): Promise<void> {
  await engine.locks.withLock(`blob:${layer.digest}`, { signal }, async () => {
    if (await hasBlob(engine, layer.digest)) return;
    progress.set("downloading");
    const ingest = await openIngest(engine, layer);
    try {
      const bytes = ingest.pass((offset) => layer.fetch(offset, signal));
      for await (const _ of progress.count(bytes));
      await ingest.commit();
    } finally {
      await ingest.discard();
    }
  });
}

/** Two layers of one image may be the same blob: the second finds it stored. */
async function applyBlob(
  engine: Engine,
  job: LayerJob,
  unpacking: Unpacking,
): Promise<AppliedLayer> {
  const { layer, signal, progress } = job;
  const { directory } = unpacking;
  return await engine.locks.withLock(`blob:${layer.digest}`, { signal }, async () => {
    if (await hasBlob(engine, layer.digest)) {
      progress.set("unpacking");
      const source = streamBlob(engine, layer.digest);
      return verifyDiffId(await applyLayer({ source, directory, signal }), layer);
    }
    progress.set("downloading");
    const ingest = await openIngest(engine, layer);
    try {
      const bytes = ingest.pass((offset) => layer.fetch(offset, signal));
      const source = progress.count(bytes);
      const applied = verifyDiffId(await applyLayer({ source, directory, signal }), layer);
      await ingest.commit();
      return applied;
    } finally {
      await ingest.discard();
    }
  });
}

function verifyDiffId(applied: AppliedLayer, layer: LayerSource): AppliedLayer {
  if (applied.diffId === layer.diffId) return applied;
  throw new DigestMismatchError(`the content of layer "${layer.digest}"`, {
    expected: layer.diffId,
    actual: applied.diffId,
  });
}
