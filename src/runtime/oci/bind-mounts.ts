import { mkdirSync, realpathSync } from "node:fs";
import { posix } from "node:path";
import { type Mount, MountPropagation } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { mountOf } from "../host/mount-table.ts";
import type { SpecMount } from "./runtime-spec.ts";

/**
 * CRI's mounts as bind mounts, with symbolic links of the node resolved; a host path that does not
 * exist is created as a directory, as containerd does. InvalidArgument for a mount that cannot be.
 */
export function prepareBindMounts(
  mounts: readonly Mount[],
  node: { hasRecursiveReadOnly: boolean },
): SpecMount[] {
  const requested = mounts.map((mount) => checkMount(mount, node));
  // All are checked before the first effect.
  return requested.map((mount) => {
    const source = resolveSource(mount.hostPath);
    checkPropagation(mount, source);
    return {
      destination: posix.normalize(mount.containerPath),
      type: "bind",
      source,
      options: ["rbind", propagationOption(mount.propagation), accessOption(mount)],
    };
  });
}

/** What the node does not share cannot reach the container, and would be missed only later. */
function checkPropagation({ propagation, hostPath }: Mount, source: string): void {
  const { PROPAGATION_PRIVATE, PROPAGATION_BIDIRECTIONAL } = MountPropagation;
  if (propagation === PROPAGATION_PRIVATE) return;
  const kinds = mountOf(source)?.propagation ?? [];
  const has = (kind: string) => kinds.some((field) => field.startsWith(kind));
  if (has("shared:") || (propagation !== PROPAGATION_BIDIRECTIONAL && has("master:"))) return;
  throw new StatusError("InvalidArgument", `host path "${hostPath}" is not on a shared mount`, {
    hint: `mount --make-rshared the file system that "${hostPath}" lies on`,
  });
}

function checkMount(mount: Mount, node: { hasRecursiveReadOnly: boolean }): Mount {
  const refuse = (reason: string) =>
    new StatusError("InvalidArgument", `mount at "${mount.containerPath}" ${reason}`);
  if (!mount.containerPath.startsWith("/")) throw refuse("has no absolute container path");
  if (posix.normalize(mount.containerPath) === "/") throw refuse("would hide the root file system");
  if (mount.image !== undefined && mount.image.image !== "") {
    throw new StatusError("Unimplemented", `mount at "${mount.containerPath}" is of an image`);
  }
  if (!mount.hostPath.startsWith("/")) throw refuse("has no absolute host path");
  if (mount.uidMappings.length + mount.gidMappings.length > 0) {
    throw new StatusError("Unimplemented", `mount at "${mount.containerPath}" maps IDs`);
  }
  if (!mount.recursiveReadOnly) return mount;
  if (!mount.readonly) throw refuse("is recursive_read_only but not readonly");
  if (mount.propagation !== MountPropagation.PROPAGATION_PRIVATE) {
    throw refuse("is recursive_read_only and propagates mounts");
  }
  if (!node.hasRecursiveReadOnly) throw refuse("is recursive_read_only, which this node lacks");
  return mount;
}

function resolveSource(hostPath: string): string {
  try {
    return realpathSync(hostPath);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) {
      throw new StatusError("InvalidArgument", `cannot resolve host path "${hostPath}"`, { cause });
    }
  }
  try {
    mkdirSync(hostPath, { recursive: true, mode: 0o755 });
    return realpathSync(hostPath);
  } catch (cause) {
    throw new StatusError("InvalidArgument", `cannot create host path "${hostPath}"`, { cause });
  }
}

function propagationOption(propagation: MountPropagation): string {
  switch (propagation) {
    case MountPropagation.PROPAGATION_BIDIRECTIONAL:
      return "rshared";
    case MountPropagation.PROPAGATION_HOST_TO_CONTAINER:
      return "rslave";
    default:
      return "rprivate";
  }
}

function accessOption(mount: Mount): string {
  if (mount.recursiveReadOnly) return "rro";
  return mount.readonly ? "ro" : "rw";
}
