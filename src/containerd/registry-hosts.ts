/**
 * How the node's containerd speaks to a registry: `hosts.toml` in the registry's directory, or the
 * certificates there, as Docker has them. It is read as containerd reads it
 * (https://github.com/containerd/containerd/blob/main/docs/hosts.md). dial_timeout is passed over: it says when
 * to go on to the next host, and there is none for a push.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { StatusError } from "../errors/status-error.ts";
import { type RegistryEndpoint, registryEndpoints } from "../registry/registry-endpoint.ts";
import type { RegistryTrust } from "../registry/registry-trust.ts";

const OF_THE_CLIENT = /^(host|content-length|transfer-encoding|trailer)$/i;
const CAPABILITIES = ["pull", "resolve", "push"];

/**
 * Where an image is pushed to: the first host that may be pushed to, else the registry itself. Undefined
 * where the directories say nothing of the registry. FailedPrecondition for a file that is malformed,
 * and where nothing may be pushed to.
 */
export async function pushEndpoints(
  registry: string,
  directories: readonly string[],
): Promise<readonly RegistryEndpoint[] | undefined> {
  const directory = await findDirectory(registry, directories);
  if (directory === undefined) return undefined;
  const file = join(directory, "hosts.toml");
  const text = await readIfThere(file);
  if (text === undefined) return await withCertificates(registry, directory);
  const hosts = await parseHosts(text, { file, directory });
  const wanted = hosts.find(({ capabilities }) => capabilities.includes("push"));
  if (wanted === undefined) {
    throw new StatusError(
      "FailedPrecondition",
      `"${file}" lets nothing be pushed to "${registry}"`,
    );
  }
  const { address, isServer, replacesVersion, trust, headers } = wanted;
  const its = { trust, replacesVersion, ...(headers === undefined ? {} : { headers }) };
  if (address === undefined) return knownEndpoints(registry, its);
  const { host, baseUrl } = address;
  // Credentials are the registry's own, and not for what stands in for it.
  const isRegistry = isServer || knownEndpoints(registry, its).some((own) => own.host === host);
  return [{ host, baseUrl, isRegistry, ...its }];
}

type Special = Pick<RegistryEndpoint, "replacesVersion" | "headers"> & {
  readonly trust: RegistryTrust;
};

function knownEndpoints(registry: string, special: Special): readonly RegistryEndpoint[] {
  return registryEndpoints(registry, undefined).map((endpoint) => ({ ...endpoint, ...special }));
}

/** The first that is there: a port may be written `host_port_`, and `_default` is for all others. */
async function findDirectory(
  registry: string,
  directories: readonly string[],
): Promise<string | undefined> {
  const spelled = registry.replace(/^(.+):([^:]*)$/, "$1_$2_");
  for (const directory of directories) {
    for (const name of new Set([spelled, registry, "_default"])) {
      const path = join(directory, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isDirectory()) return path;
    }
  }
  return undefined;
}

interface Host {
  /** Undefined for the registry itself. */
  readonly address: { readonly host: string; readonly baseUrl: string } | undefined;
  readonly isServer: boolean;
  readonly capabilities: readonly string[];
  readonly replacesVersion: boolean;
  readonly trust: RegistryTrust;
  readonly headers: RegistryEndpoint["headers"];
}

interface Place {
  readonly file: string;
  readonly directory: string;
}

type Table = Readonly<Record<string, unknown>>;

/** In the order of the file; last the server, which all that stands above the tables is about. */
async function parseHosts(text: string, place: Place): Promise<readonly Host[]> {
  const { parse } = await import("smol-toml");
  let document: Table;
  try {
    document = parse(text);
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw malformed(place, reason ?? "it is no TOML");
  }
  const tables = isTable(document.host) ? Object.entries(document.host) : [];
  const hosts = tables.map(([address, table]) => {
    if (!isTable(table)) throw malformed(place, `host "${address}" is no table`);
    return parseHost(table, { ...place, address, isServer: false });
  });
  const { server } = document;
  const address = typeof server === "string" && server !== "" ? server : undefined;
  return [...hosts, parseHost(document, { ...place, address, isServer: true })];
}

function parseHost(
  table: Table,
  place: Place & { readonly address: string | undefined; readonly isServer: boolean },
): Host {
  const { address, isServer } = place;
  const replacesVersion = table.override_path === true;
  const capabilities = textsOf(table.capabilities, place, "capabilities");
  const unknown = capabilities.find((name) => !CAPABILITIES.includes(name));
  if (unknown !== undefined) throw malformed(place, `there is no capability "${unknown}"`);
  return {
    address: address === undefined ? undefined : parseAddress(address, replacesVersion, place),
    isServer,
    capabilities: capabilities.length === 0 ? CAPABILITIES : capabilities,
    replacesVersion,
    headers: parseHeaders(table.header, place),
    trust: {
      caFiles: textsOf(table.ca, place, "ca").map((file) => within(place, file)),
      isUnverified: table.skip_verify === true,
      client: clientOf(table.client, place),
    },
  };
}

/** Those that Go's client sets itself are passed over, as it does. Their values may be secrets: no error has one. */
function parseHeaders(value: unknown, place: Place): Host["headers"] {
  if (value === undefined) return undefined;
  if (!isTable(value)) throw malformed(place, "header is no table");
  const headers: Record<string, string> = {};
  for (const [name, given] of Object.entries(value)) {
    if (!/^[-!#$%&'*+.^_`|~\w]+$/.test(name))
      throw malformed(place, `"${name}" is no name of a header`);
    const text = textsOf(given, place, `header "${name}"`).join(", ");
    if (/(?!\t)\p{Cc}/u.test(text)) {
      const reason = `header "${name}" has a line break or another control character`;
      throw malformed(place, reason);
    }
    // Bytes of UTF-8, as HTTP's clients take them.
    if (!OF_THE_CLIENT.test(name))
      headers[name.toLowerCase()] = Buffer.from(text).toString("latin1");
  }
  return headers;
}

function parseAddress(text: string, replacesVersion: boolean, place: Place): Host["address"] {
  const whole = text.startsWith("http") ? text : `https://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.host === "") {
    throw malformed(place, `"${text}" is no address`);
  }
  const path = posix.normalize(url.pathname).replace(/\/+$/, "");
  const base = replacesVersion ? path : path.replace(/\/v2$/, "");
  return { host: url.host, baseUrl: `${url.origin}${base}` };
}

/** A file with both, or pairs of certificate and key: the first is taken. */
function clientOf(value: unknown, place: Place): RegistryTrust["client"] {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const [cert, key = cert] = Array.isArray(first) ? first : [first];
  if (cert === undefined) return undefined;
  if (typeof cert !== "string" || typeof key !== "string") {
    throw malformed(place, "client is neither a file nor pairs of files");
  }
  const keyFile = key === "" ? cert : key;
  return { certFile: within(place, cert), keyFile: within(place, keyFile) };
}

/** `*.crt` are authorities, `*.cert` and `*.key` are the client's. */
async function withCertificates(
  registry: string,
  directory: string,
): Promise<readonly RegistryEndpoint[] | undefined> {
  const names = (await readdir(directory)).sort();
  const caFiles = names
    .filter((name) => name.endsWith(".crt"))
    .map((name) => join(directory, name));
  const cert = names.find((name) => name.endsWith(".cert"));
  if (caFiles.length === 0 && cert === undefined) return undefined;
  const key = cert?.replace(/\.cert$/, ".key");
  const client =
    cert === undefined || key === undefined
      ? undefined
      : { certFile: join(directory, cert), keyFile: join(directory, key) };
  return knownEndpoints(registry, { trust: { caFiles, client } });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StatusError("FailedPrecondition", `cannot read "${file}"`, { cause });
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text, or a list of them. */
function textsOf(value: unknown, place: Place, key: string): readonly string[] {
  const texts: readonly unknown[] =
    value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (texts.every((text) => typeof text === "string")) return texts;
  throw malformed(place, `${key} is neither a text nor a list of texts`);
}

function within({ directory }: Place, file: string): string {
  return isAbsolute(file) ? file : join(directory, file);
}

function malformed({ file }: Place, reason: string): StatusError {
  return new StatusError("FailedPrecondition", `"${file}": ${reason}`);
}
