import { StatusError } from "../errors/status-error.ts";

/** Where a backend is, parsed. `text` is the canonical spelling, without options. */
export type Endpoint = UnixEndpoint | TcpEndpoint | EmbeddedEndpoint;

export interface UnixEndpoint {
  readonly kind: "unix";
  readonly text: string;
  /** Absolute, at most 107 bytes: the kernel's limit for a socket's name. */
  readonly path: string;
  readonly apiVersion: ApiVersion | undefined;
}

export interface TcpEndpoint {
  readonly kind: "tcp";
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly apiVersion: ApiVersion | undefined;
}

interface EmbeddedEndpoint {
  readonly kind: "embedded";
  readonly text: string;
}

/** A CRI package on the wire, without its `runtime.` prefix. */
export type ApiVersion = "v1" | "v1alpha2";

const MAX_SOCKET_PATH_BYTES = 107;
const FORMS = "write unix:///run/containerd/containerd.sock, tcp://HOST:PORT or embedded:";

/**
 * Parses `unix:///PATH`, a bare `/PATH`, `tcp://HOST:PORT` or `embedded:`. The options after `?` are
 * `api=v1` and `api=v1alpha2`, which force the CRI package instead of negotiating it.
 * Throws InvalidArgument with a hint that names the right form.
 */
export function parseEndpoint(text: string): Endpoint {
  if (text === "embedded:" || text === "embedded" || text === "embedded://") {
    return { kind: "embedded", text: "embedded:" };
  }
  if (text.startsWith("embedded:")) {
    throw malformed(text, "CRISH_ROOT and CRISH_STATE choose the directories of embedded:");
  }
  const { address, apiVersion } = splitOptions(text);
  if (address.startsWith("/")) return unixEndpoint(text, address, apiVersion);
  const colon = address.indexOf("://");
  const scheme = colon === -1 ? undefined : address.slice(0, colon).toLowerCase();
  if (scheme === "unix") return parseUnix(text, address.slice("unix://".length), apiVersion);
  if (scheme === "tcp") return parseTcp(text, address.slice("tcp://".length), apiVersion);
  if (scheme === "http" || scheme === "https") {
    throw malformed(text, `write ${address.replace(/^https?:/i, "tcp:")}`);
  }
  if (address.startsWith("unix:/")) throw malformed(text, `write unix://${address.slice(5)}`);
  if (/^(\[[^\]]+\]|[^/:]+):\d+$/.test(address)) throw malformed(text, `write tcp://${address}`);
  throw malformed(text, FORMS);
}

function splitOptions(text: string): { address: string; apiVersion: ApiVersion | undefined } {
  const mark = text.indexOf("?");
  if (mark === -1) return { address: text, apiVersion: undefined };
  let apiVersion: ApiVersion | undefined;
  for (const [name, value] of new URLSearchParams(text.slice(mark + 1))) {
    if (name !== "api") {
      throw malformed(text, `"${name}" is not an endpoint option; there is api=v1|v1alpha2`);
    }
    if (value !== "v1" && value !== "v1alpha2") throw malformed(text, "api is v1 or v1alpha2");
    apiVersion = value;
  }
  return { address: text.slice(0, mark), apiVersion };
}

function parseUnix(text: string, rest: string, apiVersion: ApiVersion | undefined): UnixEndpoint {
  if (!rest.startsWith("/")) {
    throw malformed(text, `a socket's path is absolute: write unix:///${rest || "PATH"}`);
  }
  try {
    return unixEndpoint(text, decodeURIComponent(rest), apiVersion);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw malformed(text, "a % in a URL is written %25");
  }
}

function unixEndpoint(
  text: string,
  path: string,
  apiVersion: ApiVersion | undefined,
): UnixEndpoint {
  if (path.endsWith("/") || path.includes("\0")) throw malformed(text, FORMS);
  if (lengthInBytes(path) > MAX_SOCKET_PATH_BYTES) {
    throw malformed(text, `a socket's path has at most ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  return { kind: "unix", text: `unix://${encodeURI(path)}`, path, apiVersion };
}

/** In UTF-8. (A first TextEncoder costs a start more than this loop.) */
function lengthInBytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

function parseTcp(text: string, rest: string, apiVersion: ApiVersion | undefined): TcpEndpoint {
  const found = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^/:[\]\s]+)):(\d{1,5})\/?$/.exec(rest);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw malformed(text, "write tcp://HOST:PORT, with a port from 1 to 65535");
  }
  const shown = host.includes(":") ? `[${host}]` : host;
  return { kind: "tcp", text: `tcp://${shown}:${port}`, host, port, apiVersion };
}

function malformed(text: string, hint: string): StatusError {
  return new StatusError("InvalidArgument", `malformed endpoint "${text}"`, { hint });
}
