import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { hasCode } from "../errors/status-error.ts";
import { randomHex } from "../host/random-id.ts";
import { toChainIds } from "../images/digest.ts";
import type { OciImageConfig } from "../images/image-config.ts";
import type { Descriptor } from "../images/parse-manifest.ts";
import type { LayerTracker } from "../images/track-progress.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { setContentLabels } from "./content.ts";
import type { ImageDescription } from "./describe-image.ts";
import type { Mount } from "./gen/containerd/types/mount.ts";
import { DIFF, LEASES, SNAPSHOTS } from "./methods.ts";

export interface UnpackTarget {
  readonly snapshotter: string;
  /** Of the client, which keeps what is unpacked. */
  readonly leaseId: string;
}

/**
 * Makes a committed snapshot of each layer, lowest first, and has the config keep them. What is there
 * already is used, and so is what someone else unpacks at the same time.
 */
export async function unpackImage(
  client: ContainerdClient,
  image: ImageDescription & { readonly imageConfig: OciImageConfig },
  options: UnpackTarget & { trackers: readonly LayerTracker[] },
): Promise<void> {
  const diffIds = image.imageConfig.rootfs.diff_ids;
  const chainIds = toChainIds(diffIds);
  for (const [index, layer] of image.layers.entries()) {
    const tracker = options.trackers[index];
    const chainId = chainIds[index] ?? "";
    if (await keepSnapshot(client, chainId, options)) {
      tracker?.set("exists");
      continue;
    }
    tracker?.set("unpacking");
    const step = {
      layer,
      diffId: diffIds[index] ?? "",
      chainId,
      parent: chainIds[index - 1] ?? "",
    };
    await unpackLayer(client, step, options);
    tracker?.set("done");
  }
  const top = chainIds.at(-1);
  if (top === undefined) return;
  await setContentLabels(client, image.id, {
    [`containerd.io/gc.ref.snapshot.${options.snapshotter}`]: top,
  });
}

/** Puts the snapshot under the lease; false where there is none. */
async function keepSnapshot(
  client: ContainerdClient,
  chainId: string,
  { snapshotter, leaseId }: UnpackTarget,
): Promise<boolean> {
  try {
    await client.call(SNAPSHOTS.stat, { snapshotter, key: chainId });
    const resource = { id: chainId, type: `snapshots/${snapshotter}` };
    await client.call(LEASES.addResource, { id: leaseId, resource });
    // It may have been removed before the lease had it.
    await client.call(SNAPSHOTS.stat, { snapshotter, key: chainId });
    return true;
  } catch (error) {
    if (hasCode(error, "NotFound")) return false;
    throw error;
  }
}

interface LayerStep {
  readonly layer: Descriptor;
  readonly diffId: string;
  readonly chainId: string;
  /** Chain ID below; empty for the lowest. */
  readonly parent: string;
}

async function unpackLayer(
  client: ContainerdClient,
  step: LayerStep,
  target: UnpackTarget,
): Promise<void> {
  const { snapshotter } = target;
  const { chainId, parent, layer } = step;
  const key = `extract-${randomHex(8)} ${chainId}`;
  const labels = { "containerd.io/snapshot.ref": chainId };
  let isCommitted = false;
  try {
    const { mounts } = await client.call(SNAPSHOTS.prepare, { snapshotter, key, parent, labels });
    await applyLayer(client, step, mounts);
    await client.call(SNAPSHOTS.commit, { snapshotter, key, name: chainId, labels });
    isCommitted = true;
  } catch (error) {
    // Either a remote snapshotter has it ready or someone was faster.
    const isThere =
      hasCode(error, "AlreadyExists") && (await keepSnapshot(client, chainId, target));
    if (!isThere) throw error;
  } finally {
    if (!isCommitted) await removeSnapshot(client, { snapshotter, key });
  }
  await setContentLabels(client, layer.digest, { "containerd.io/uncompressed": step.diffId });
}

async function applyLayer(
  client: ContainerdClient,
  { layer, diffId }: LayerStep,
  mounts: Mount[],
): Promise<void> {
  const { digest, mediaType, sizeBytes } = layer;
  const diff = { digest, mediaType, size: BigInt(sizeBytes), annotations: {} };
  const { applied } = await client.call(DIFF.apply, { diff, mounts });
  if (applied === undefined || applied.digest === diffId) return;
  throw new DigestMismatchError(`the unpacked layer "${digest}"`, {
    expected: diffId,
    actual: applied.digest,
  });
}

async function removeSnapshot(
  client: ContainerdClient,
  request: { snapshotter: string; key: string },
): Promise<void> {
  const patient = client.with({ signal: AbortSignal.timeout(60_000) });
  // The end of the lease removes what stays.
  await patient.call(SNAPSHOTS.remove, request).catch(() => undefined);
}
