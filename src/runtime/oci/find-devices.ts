import { readdirSync, type Stats, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { Device } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { SpecDevice } from "./runtime-spec.ts";
import type { DeviceAccess } from "./spec-input.ts";

/** Not devices of the node but file systems and terminals of whoever looks. */
const SKIPPED = new Set(["pts", "shm", "mqueue", "fd", "hugepages", "console", ".udev"]);

/**
 * The devices that CRI asks for. A directory stands for all devices below it. NotFound where the
 * node has no such path, InvalidArgument where it is no device or the permissions are not of `rwm`.
 */
export function findDevices(devices: readonly Device[]): DeviceAccess[] {
  return devices.flatMap(({ hostPath, containerPath, permissions }) => {
    if (!/^[rwm]*$/.test(permissions)) {
      throw new StatusError(
        "InvalidArgument",
        `device permissions "${permissions}" are not of rwm`,
      );
    }
    const stats = statOf(hostPath);
    if (stats === undefined) {
      throw new StatusError("NotFound", `the node has no device "${hostPath}"`);
    }
    const found = stats.isDirectory()
      ? listDevices(hostPath, containerPath || hostPath)
      : [toDevice(containerPath || hostPath, stats)];
    if (found.some((device) => device === undefined)) {
      throw new StatusError("InvalidArgument", `"${hostPath}" is not a device`);
    }
    return found.flatMap((device) =>
      device === undefined ? [] : [{ device, permissions: permissions || "rwm" }],
    );
  });
}

/** Every device of the node, for a privileged container. */
export function findAllDevices(): DeviceAccess[] {
  return listDevices("/dev", "/dev").map((device) => ({ device, permissions: "rwm" }));
}

function listDevices(directory: string, shownAs: string): SpecDevice[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(directory, entry.name);
    const shown = posix.join(shownAs, entry.name);
    if (entry.isDirectory()) return listDevices(path, shown);
    if (!entry.isBlockDevice() && !entry.isCharacterDevice()) return [];
    const stats = statOf(path);
    const device = stats && toDevice(shown, stats);
    return device === undefined ? [] : [device];
  });
}

function toDevice(path: string, stats: Stats): SpecDevice | undefined {
  const type = stats.isBlockDevice() ? "b" : stats.isCharacterDevice() ? "c" : undefined;
  if (type === undefined) return undefined;
  return {
    path,
    type,
    ...toNumbers(BigInt(stats.rdev)),
    fileMode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
  };
}

/** glibc's layout of dev_t. */
function toNumbers(device: bigint): { major: number; minor: number } {
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffff_ff00n)),
  };
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
