import { readFileSync } from "node:fs";
import type { NetworkInterfaceUsage, NetworkUsage } from "../../cri/gen/runtime/v1/api.ts";
import { type NetworkCounters, parseNetworkCounters } from "./network-counters.ts";

/** What the devices of the process's network have moved; undefined where the process is gone. */
export function readNetworkUsage(pid: number, timestamp: bigint): NetworkUsage | undefined {
  const counters = readNetworkCounters(pid);
  return counters && toUsage(counters, timestamp);
}

/** The same as the kernel counts it. */
export function readNetworkCounters(pid: number): readonly NetworkCounters[] | undefined {
  try {
    return parseNetworkCounters(readFileSync(`/proc/${pid}/net/dev`, "latin1"));
  } catch {
    return undefined;
  }
}

/** From the text of /proc/net/dev; loopback is left out, and eth0 is the default where there is one. */
export function toNetworkUsage(text: string, timestamp: bigint): NetworkUsage {
  return toUsage(parseNetworkCounters(text), timestamp);
}

function toUsage(counters: readonly NetworkCounters[], timestamp: bigint): NetworkUsage {
  const interfaces = counters.map(
    ({ name, received, sent }): NetworkInterfaceUsage => ({
      name,
      rxBytes: { value: received.bytes },
      rxErrors: { value: received.errors },
      txBytes: { value: sent.bytes },
      txErrors: { value: sent.errors },
    }),
  );
  const defaultInterface = interfaces.find(({ name }) => name === "eth0") ?? interfaces[0];
  return { timestamp, defaultInterface, interfaces };
}
