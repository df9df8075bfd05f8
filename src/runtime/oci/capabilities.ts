import type { Capability } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { SpecCapabilities } from "./runtime-spec.ts";

/** In the kernel's order: the index is the number of the bit (linux/capability.h). */
export const CAPABILITIES: readonly string[] = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE " +
  "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO " +
  "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME " +
  "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG " +
  "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
)
  .split(" ")
  .map((name) => `CAP_${name}`);

/** What a container has unless it says otherwise: the set that containerd and Docker give. */
const DEFAULT_CAPABILITIES: readonly string[] = (
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE " +
  "SYS_CHROOT KILL AUDIT_WRITE"
)
  .split(" ")
  .map((name) => `CAP_${name}`);

interface CapabilityWish {
  readonly privileged: boolean;
  readonly capabilities: Capability | undefined;
}

/**
 * The capability sets of the first process. ALL stands for whatever the node can give; drops come
 * after adds, except that adding ALL and dropping some leaves the rest. InvalidArgument for a name
 * that does not exist, and for one that the node cannot give.
 */
export function resolveCapabilities(
  wish: CapabilityWish | undefined,
  available: readonly string[],
): SpecCapabilities {
  if (wish?.privileged) return toSets(available, []);
  const add = normalise(wish?.capabilities?.addCapabilities);
  const drop = normalise(wish?.capabilities?.dropCapabilities);
  const ambient = normalise(wish?.capabilities?.addAmbientCapabilities);
  const granted = new Set(DEFAULT_CAPABILITIES.filter((name) => available.includes(name)));
  if (add.includes("ALL")) for (const name of available) granted.add(name);
  if (drop.includes("ALL")) granted.clear();
  for (const name of [...add, ...ambient].filter((name) => name !== "ALL")) {
    if (!available.includes(name)) {
      throw new StatusError("InvalidArgument", `this node cannot give capability "${name}"`);
    }
    granted.add(name);
  }
  for (const name of drop) granted.delete(name);
  return toSets(
    [...granted],
    ambient.filter((name) => granted.has(name)),
  );
}

/** The names behind a mask as /proc/PID/status prints it. */
export function parseCapabilityMask(hex: string): string[] {
  const mask = BigInt(`0x${hex}`);
  return CAPABILITIES.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
}

function toSets(granted: readonly string[], ambient: readonly string[]): SpecCapabilities {
  return {
    bounding: granted,
    effective: granted,
    permitted: granted,
    // Empty but for ambient ones, which need it: inherited sets outlive setuid (CVE-2022-24769).
    inheritable: ambient,
    ambient,
  };
}

function normalise(names: readonly string[] = []): string[] {
  return names.map((name) => {
    const upper = name.toUpperCase();
    if (upper === "ALL") return upper;
    const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
    if (!CAPABILITIES.includes(full)) {
      throw new StatusError("InvalidArgument", `there is no capability "${name}"`);
    }
    return full;
  });
}
