import { existsSync, readFileSync } from "node:fs";
import { StatusError } from "../errors/status-error.ts";
import { randomId } from "../host/random-id.ts";
import { sha256Hex } from "../host/sha256.ts";
import type { RuntimeConfig } from "./runtime-config.ts";
import type { Database } from "./state/database.ts";

type Network = RuntimeConfig["network"];

/** Names of this root's own: plain for the default root, with a hash of the path for any other. */
export function rootName(root: string, isDefault: boolean): string {
  return isDefault ? "crish" : `crish-${sha256Hex(root).slice(0, 8)}`;
}

/**
 * The default bridge list's name, bridge and subnet. What the configuration names counts; the rest is
 * chosen once per root and kept in the database, so that every process on the root sees the same.
 */
export async function chooseNetwork(
  database: Database,
  name: () => string,
  configured: Partial<Network>,
): Promise<Network> {
  const kept = readKept(database) ?? (await keep(database, name()));
  return { ...kept, ...configured };
}

function readKept(database: Database): Network | undefined {
  const row = database.read((db) =>
    db.prepare("SELECT value FROM meta WHERE key = 'network'").get(),
  );
  return row === undefined ? undefined : (JSON.parse(String(row.value)) as Network);
}

/** The network that a new root of that name would choose first. */
export function preferredNetwork(name: string): Network {
  const bridge = name === "crish" ? "crish0" : name;
  return { name, bridge, subnet: DEFAULT_SUBNET };
}

/**
 * A bridge that is there already is not this root's, which is new: it may belong to one at the same
 * path in another mount namespace, or to one that was deleted. It keeps its name and its addresses.
 */
async function keep(database: Database, name: string): Promise<Network> {
  const { bridge } = preferredNetwork(name);
  const isTaken = existsSync(`/sys/class/net/${bridge}`);
  const unique = `crish-${randomId().slice(0, 8)}`;
  const network: Network = {
    name: isTaken ? unique : name,
    bridge: isTaken ? unique : bridge,
    subnet: freeSubnet(name === "crish"),
  };
  await database.write((db) =>
    db.prepare("INSERT OR IGNORE INTO meta VALUES ('network', ?)").run(JSON.stringify(network)),
  );
  return readKept(database) ?? network;
}

const DEFAULT_SUBNET = "10.201.0.0/16";
const ATTEMPTS = 200;

/** A subnet that the node has no route into: the default one, or a random /24 of 10.128.0.0/9. */
function freeSubnet(preferDefault: boolean): string {
  const used = routedRanges(readFileSync("/proc/net/route", "latin1"));
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

/** First and last address of an IPv4 subnet, as numbers. */
interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The subnets of /proc/net/route but the default one. Unlike the list of interfaces it also has those
 * of a bridge that nothing is plugged into. Addresses are hexadecimal, the last byte first.
 */
export function routedRanges(table: string): AddressRange[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .flatMap(([, destination = "", , , , , , mask = ""]) => {
      const [first, bits] = [fromLittleEndian(destination), fromLittleEndian(mask)];
      return bits > 0 ? [{ first, last: first + (0xffffffff - bits) }] : [];
    });
}

function fromLittleEndian(hex: string): number {
  return Buffer.from(hex, "hex").reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function toRange(cidr: string): AddressRange {
  const [address = "", bits = "32"] = cidr.split("/");
  const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first, last: first + 2 ** (32 - Number(bits)) - 1 };
}
