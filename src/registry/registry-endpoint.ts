import { StatusError } from "../errors/status-error.ts";
import type { RegistryConfig } from "./registry-config.ts";
import type { RegistryTrust } from "./registry-trust.ts";

/** One place to ask. */
export interface RegistryEndpoint {
  /** `http://127.0.0.1:5000`, without a slash at the end. */
  readonly baseUrl: string;
  /** Host and port, for messages. */
  readonly host: string;
  /** It is no mirror: the credentials for the registry are meant for it. */
  readonly isRegistry: boolean;
  /** The address stands for the API's own `/v2`, which is not appended. */
  readonly replacesVersion?: boolean;
  /** Sent with each request, names in lower case. They may be secrets: nobody else gets them but its token server. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In place of what is configured for the registry. */
  readonly trust?: RegistryTrust;
}

/** Of a path of the API, which begins with `/v2/`. */
export function endpointUrl({ baseUrl, replacesVersion }: RegistryEndpoint, path: string): URL {
  return new URL(`${baseUrl}${replacesVersion === true ? path.slice("/v2".length) : path}`);
}

/**
 * Where a registry's images are asked for, in order: its mirrors, then itself. Loopback registries
 * are tried over http first, since that is what runs there; all others speak https unless marked
 * as insecure.
 */
export function registryEndpoints(
  registry: string,
  config: RegistryConfig | undefined,
): RegistryEndpoint[] {
  const mirrors = (config?.mirrors ?? []).map((mirror) => ({
    ...parseMirror(mirror),
    isRegistry: false,
  }));
  // The name in references differs from the host that answers.
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const schemes = config?.insecure ? ["http"] : isLoopback(host) ? ["http", "https"] : ["https"];
  const own = schemes.map((scheme) => ({
    baseUrl: `${scheme}://${host}`,
    host,
    isRegistry: true,
  }));
  return [...mirrors, ...own];
}

function parseMirror(text: string): { baseUrl: string; host: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "") {
    throw new StatusError("InvalidArgument", `the mirror "${text}" is no http or https URL`);
  }
  return { baseUrl: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), host: url.host };
}

function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
