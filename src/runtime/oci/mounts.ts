import { posix } from "node:path";
import type { SpecMount } from "./runtime-spec.ts";
import type { SpecInput } from "./spec-input.ts";

/**
 * Every mount in the order it is made: the kernel's file systems, the pod's files, then the
 * container's own, parents before what lies below them. One that the container asks for replaces
 * the default of the same place.
 */
export function buildMounts(input: SpecInput): SpecMount[] {
  const own = input.mounts.map((mount) => ({
    ...mount,
    destination: posix.normalize(mount.destination),
  }));
  const taken = new Set(own.map(({ destination }) => destination.replace(/(.)\/$/, "$1")));
  const defaults = [...kernelMounts(input), ...podMounts(input)];
  return [
    ...defaults.filter(({ destination }) => !taken.has(destination)),
    ...own.sort((a, b) => depth(a) - depth(b)),
  ];
}

function kernelMounts({ config, pod, node }: SpecInput): SpecMount[] {
  const access = config.linux?.securityContext?.privileged ? "rw" : "ro";
  const guarded = ["nosuid", "noexec", "nodev"];
  // A user namespace may mount sysfs only together with a network namespace of its own.
  const sysfs: SpecMount =
    pod.namespaces.user !== undefined && pod.namespaces.network === undefined
      ? mount("/sys", "bind", "/sys", ["rbind", ...guarded, access])
      : mount("/sys", "sysfs", "sysfs", [...guarded, access]);
  return [
    mount("/proc", "proc", "proc", guarded),
    mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    mount("/dev/pts", "devpts", "devpts", [
      "nosuid",
      "noexec",
      "newinstance",
      "ptmxmode=0666",
      "mode=0620",
      "gid=5",
    ]),
    mount("/dev/mqueue", "mqueue", "mqueue", guarded),
    sysfs,
    mount("/sys/fs/cgroup", node.cgroupMode === "v2" ? "cgroup2" : "cgroup", "cgroup", [
      ...guarded,
      "relatime",
      access,
    ]),
  ];
}

function podMounts({ config, pod }: SpecInput): SpecMount[] {
  const access = config.linux?.securityContext?.readonlyRootfs ? "ro" : "rw";
  const bind = (destination: string, source: string, options: string[]) =>
    mount(destination, "bind", source, ["rbind", "rprivate", ...options]);
  return [
    bind("/etc/hosts", pod.hostsFile, [access]),
    bind("/etc/resolv.conf", pod.resolvConfFile, [access]),
    bind("/etc/hostname", pod.hostnameFile, [access]),
    bind("/dev/shm", pod.shmDirectory, ["rw", "nosuid", "noexec", "nodev"]),
  ];
}

function mount(destination: string, type: string, source: string, options: string[]): SpecMount {
  return { destination, type, source, options };
}

function depth({ destination }: SpecMount): number {
  return destination.split("/").filter(Boolean).length;
}
