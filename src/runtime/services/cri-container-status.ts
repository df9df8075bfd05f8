import type { ContainerStatus, ImageSpec } from "../../cri/gen/runtime/v1/api.ts";
import type { ContainerRecord } from "../containers/container-record.ts";
import type { Engine } from "../engine.ts";
import { findImage } from "../images/find-image.ts";
import { toCriSignal } from "../oci/signals.ts";
import { toCriState } from "./cri-container.ts";

/** A record as ContainerStatus shows it. */
export function toCriStatus(engine: Engine, record: ContainerRecord): ContainerStatus {
  const { config, user } = record;
  const image = findImage(engine, record.imageId);
  return {
    id: record.id,
    metadata: config.metadata,
    state: toCriState(record),
    createdAt: record.createdAtNs,
    startedAt: record.startedAtNs ?? 0n,
    finishedAt: record.finishedAtNs ?? 0n,
    exitCode: record.exitCode,
    image: toImageSpec(config.image, image?.tags[0]),
    imageRef: image?.digests[0] ?? record.imageId,
    reason: record.reason,
    message: record.message,
    labels: config.labels,
    annotations: config.annotations,
    mounts: config.mounts,
    logPath: record.logPath,
    resources: { linux: config.linux?.resources, windows: undefined },
    imageId: record.imageId,
    user: {
      linux: {
        uid: BigInt(user.uid),
        gid: BigInt(user.gid),
        supplementalGroups: user.groups.map(BigInt),
      },
    },
    stopSignal: toCriSignal(record.stopSignal),
  };
}

/** A client may have named the image by its ID: its tag says more. */
function toImageSpec(spec: ImageSpec | undefined, tag: string | undefined): ImageSpec | undefined {
  return spec && tag !== undefined && /^(sha256:)?[0-9a-f]{64}$/.test(spec.image)
    ? { ...spec, image: tag }
    : spec;
}
