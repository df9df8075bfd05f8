import { MountPropagation } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import type { ContainerManifest, VolumeMountManifest } from "./container-shape.ts";
import { expandVariables } from "./expand-variables.ts";
import { isInside } from "./is-inside.ts";

/** A mount of a container that has its place on the node yet to be found. */
export interface MountPlan {
  readonly volume: string;
  /** Below the volume; empty for all of it. */
  readonly subPath: string;
  readonly containerPath: string;
  readonly readonly: boolean;
  readonly recursive: "Disabled" | "IfPossible" | "Enabled";
  readonly propagation: MountPropagation;
}

/** The mounts of a container whose variables are known. Throws InvalidArgument. */
export function planMounts(
  { volumeMounts = [] }: ContainerManifest,
  env: Readonly<Record<string, string>>,
): MountPlan[] {
  return volumeMounts.map((mount) => ({
    volume: mount.name,
    subPath: subPathOf(mount, env),
    containerPath: mount.mountPath,
    readonly: mount.readOnly === true,
    recursive: mount.recursiveReadOnly ?? "Disabled",
    propagation: PROPAGATIONS[mount.mountPropagation ?? "None"],
  }));
}

const PROPAGATIONS = {
  None: MountPropagation.PROPAGATION_PRIVATE,
  HostToContainer: MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
  Bidirectional: MountPropagation.PROPAGATION_BIDIRECTIONAL,
};

function subPathOf(mount: VolumeMountManifest, env: Readonly<Record<string, string>>): string {
  const { subPath = "", subPathExpr = "" } = mount;
  if (subPathExpr === "") return subPath;
  const expanded = expandVariables(subPathExpr, env);
  if (isInside(expanded) && !/\$\(/.test(expanded)) return expanded;
  throw new StatusError(
    "InvalidArgument",
    `subPathExpr "${subPathExpr}" of the mount at "${mount.mountPath}" does not lead into the volume`,
  );
}
