import { readFile } from "node:fs/promises";
import { availableParallelism, hostname, networkInterfaces, totalmem } from "node:os";
import type { NodeFacts } from "../../manifest/node-facts.ts";
import { parseNodeDns } from "../../manifest/parse-node-dns.ts";

/** The node that crish runs on, which is the runtime's. */
export async function readNodeFacts(): Promise<NodeFacts> {
  const [resolvConf, routes] = await Promise.all([
    readFile("/etc/resolv.conf", "utf8").catch(() => ""),
    readFile("/proc/net/route", "utf8").catch(() => ""),
  ]);
  return {
    nodeName: hostname(),
    hostIp: hostIp(routes),
    memoryBytes: BigInt(totalmem()),
    cpus: availableParallelism(),
    dns: parseNodeDns(resolvConf),
  };
}

/** The address of the interface that the default route leaves by, else any that others can reach. */
function hostIp(routes: string): string {
  const interfaces = networkInterfaces();
  const byDefault = routes
    .split("\n")
    .map((line) => line.split("\t"))
    .find(([, destination]) => destination === "00000000")?.[0];
  const names = [byDefault ?? "", ...Object.keys(interfaces)];
  for (const name of names) {
    const found = interfaces[name]?.find(({ family, internal }) => family === "IPv4" && !internal);
    if (found !== undefined) return found.address;
  }
  return "127.0.0.1";
}
