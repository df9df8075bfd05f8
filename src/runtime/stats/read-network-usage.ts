import { readFileSync } from "node:fs";
import type { NetworkInterfaceUsage, NetworkUsage } from "../../cri/gen/runtime/v1/api.ts";

/** What the devices of the process's network have moved; undefined where the process is gone. */
export function readNetworkUsage(pid: number, timestamp: bigint): NetworkUsage | undefined {
  try {
    return toNetworkUsage(readFileSync(`/proc/${pid}/net/dev`, "latin1"), timestamp);
  } catch {
    return undefined;
  }
}

/** From the text of /proc/net/dev; loopback is left out, and eth0 is the default where there is one. */
export function toNetworkUsage(text: string, timestamp: bigint): NetworkUsage {
  const interfaces = text
    .split("\n")
    .flatMap((line) => parseLine(line) ?? [])
    .filter(({ name }) => name !== "lo");
  const defaultInterface = interfaces.find(({ name }) => name === "eth0") ?? interfaces[0];
  return { timestamp, defaultInterface, interfaces };
}

function parseLine(line: string): NetworkInterfaceUsage | undefined {
  const [name, figures] = line.split(":");
  const values = figures?.trim().split(/\s+/) ?? [];
  // Eight columns of what came in, eight of what went out; bytes first, errors third.
  const [rxBytes, , rxErrors, , , , , , txBytes, , txErrors] = values;
  if (name === undefined || txErrors === undefined) return undefined;
  const toValue = (figure = "0") => ({ value: BigInt(figure) });
  return {
    name: name.trim(),
    rxBytes: toValue(rxBytes),
    rxErrors: toValue(rxErrors),
    txBytes: toValue(txBytes),
    txErrors: toValue(txErrors),
  };
}
