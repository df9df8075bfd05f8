import { run } from "./run.ts";

/** Removes a bridge, the veths on it and the iptables rules that bear the network's name. */
export async function removeBridge(bridge: string, network: string): Promise<void> {
  const veths = (await run("ip", ["-o", "link", "show", "master", bridge])).stdout;
  for (const line of veths.split("\n")) {
    const veth = /^\d+: ([^@:]+)/.exec(line)?.[1];
    if (veth !== undefined) await run("ip", ["link", "delete", veth]);
  }
  await run("ip", ["link", "delete", bridge]);
  await removeRules(network);
}

/** CNI's plugins give each rule and chain of a pod a comment with the network's name. */
async function removeRules(network: string): Promise<void> {
  const saved = (await run("iptables-save", ["-t", "nat"])).stdout;
  const chains = new Set<string>();
  for (const line of saved.split("\n")) {
    if (!line.startsWith("-A") || !bears(line, network)) continue;
    const target = /-j (CNI-(?:DN-|SN-)?[0-9a-f]{16,})/.exec(line)?.[1];
    if (target !== undefined) chains.add(target);
    await run("sh", ["-c", `iptables -w -t nat ${line.replace(/^-A/, "-D")}`]);
  }
  for (const chain of chains) {
    await run("iptables", ["-w", "-t", "nat", "-F", chain]);
    await run("iptables", ["-w", "-t", "nat", "-X", chain]);
  }
}

/** The plugins write `name: "NETWORK" id: …`, crish itself `NETWORK pods`. */
function bears(rule: string, network: string): boolean {
  return rule.includes(`\\"${network}\\"`) || rule.includes(`"${network} pods"`);
}
