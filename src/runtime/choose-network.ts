import { createHash } from "node:crypto";
import { networkInterfaces } from "node:os";
import { StatusError } from "../errors/status-error.ts";
import type { RuntimeConfig } from "./runtime-config.ts";
import type { Database } from "./state/database.ts";

type Network = RuntimeConfig["network"];

/** Names of this root's own: plain for the default root, with a hash of the path for any other. */
export function rootName(root: string, isDefault: boolean): string {
  return isDefault
    ? "crish"
    : `crish-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
}

/**
 * The default bridge list's name, bridge and subnet. What the configuration names counts; the rest is
 * chosen once per root and kept in the database, so that every process on the root sees the same.
 */
export async function chooseNetwork(
  database: Database,
  name: string,
  configured: Partial<Network>,
): Promise<Network> {
  const kept = readKept(database) ?? (await keep(database, name));
  return { ...kept, ...configured };
}

function readKept(database: Database): Network | undefined {
  const row = database.read((db) =>
    db.prepare("SELECT value FROM meta WHERE key = 'network'").get(),
  );
  return row === undefined ? undefined : (JSON.parse(String(row.value)) as Network);
}

async function keep(database: Database, name: string): Promise<Network> {
  const bridge = name === "crish" ? "crish0" : name;
  const subnet = freeSubnet(name === "crish");
  const network: Network = { name, bridge, subnet };
  await database.write((db) =>
    db.prepare("INSERT OR IGNORE INTO meta VALUES ('network', ?)").run(JSON.stringify(network)),
  );
  return readKept(database) ?? network;
}

const DEFAULT_SUBNET = "10.201.0.0/16";
const ATTEMPTS = 200;

/** A subnet that no interface of the node lies in: the default one, or a random /24 of 10.128.0.0/9. */
function freeSubnet(preferDefault: boolean): string {
  const used = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === "IPv4" && address.cidr !== null)
    .map((address) => toRange(address.cidr ?? ""));
  const isFree = (subnet: string) => {
    const range = toRange(subnet);
    return used.every((other) => range.last < other.first || range.first > other.last);
  };
  if (preferDefault && isFree(DEFAULT_SUBNET)) return DEFAULT_SUBNET;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const number = Math.floor(Math.random() * 2 ** 15);
    const subnet = `10.${128 + (number >> 8)}.${number & 0xff}.0/24`;
    if (isFree(subnet)) return subnet;
  }
  throw new StatusError("ResourceExhausted", "no free subnet for pods below 10.128.0.0/9", {
    hint: "name one as network.subnet in the runtime's configuration",
  });
}

/** The first and the last address of an IPv4 subnet, as numbers. */
function toRange(cidr: string): { first: number; last: number } {
  const [address = "", bits = "32"] = cidr.split("/");
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}
