import type { PodFacts } from "./downward.ts";
import { hostnameOf } from "./sandbox-config.ts";

/** /etc/hosts of a pod with hostAliases; one on the node's network has the node's own before them. */
export function etcHosts(pod: PodFacts, ofNode: string | undefined): string {
  const { manifest, podIps } = pod;
  const own = podIps.map((ip) => `${ip}\t${hostnameOf(manifest)}`);
  const aliases = (manifest.spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }) =>
    hostnames.length === 0 ? [] : [`${ip}\t${hostnames.join("\t")}`],
  );
  const base = ofNode === undefined ? [...LOOPBACK, ...own] : [ofNode.trimEnd()];
  return `${[...base, ...aliases].join("\n")}\n`;
}

const LOOPBACK = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];
