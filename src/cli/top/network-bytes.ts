import { readlinkSync } from "node:fs";
import { readIfPresent } from "../../host/read-if-present.ts";

export interface NetworkBytes {
  readonly received: bigint;
  readonly sent: bigint;
}

/** Of the network namespace of a process; undefined for the node's own, which is not the pod's. */
export function networkBytesOf(pid: number): NetworkBytes | undefined {
  const own = namespaceOf("self");
  const its = namespaceOf(String(pid));
  if (its === undefined || its === own) return undefined;
  return parseNetworkBytes(readIfPresent(`/proc/${pid}/net/dev`) ?? "");
}

/** All interfaces but the loopback, from /proc/net/dev. */
export function parseNetworkBytes(text: string): NetworkBytes | undefined {
  let received = 0n;
  let sent = 0n;
  let count = 0;
  for (const line of text.split("\n")) {
    const [, name, figures = ""] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    const fields = figures.split(/\s+/);
    if (name === undefined || name === "lo" || !/^\d+$/.test(fields[8] ?? "")) continue;
    received += BigInt(fields[0] ?? 0);
    sent += BigInt(fields[8] ?? 0);
    count++;
  }
  return count === 0 ? undefined : { received, sent };
}

function namespaceOf(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/net`);
  } catch {
    return undefined;
  }
}
