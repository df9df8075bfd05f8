import type { DataSource } from "./data-source.ts";

/**
 * What imagePullSecrets say for the registry of an image: `user:password` in base64, as Docker's own
 * file has it. Undefined where they say nothing; Secrets of other types and malformed ones count
 * for nothing, as for a kubelet.
 */
export function pullCredentials(secrets: readonly DataSource[], image: string): string | undefined {
  const registry = registryOf(image);
  for (const { data } of secrets) {
    const file = parse(data[".dockerconfigjson"]);
    const auths = file === undefined ? parse(data[".dockercfg"]) : objectOf(file.auths);
    for (const [server, entry] of Object.entries(auths ?? {})) {
      if (serverName(server) !== registry) continue;
      const { auth, username, password } = objectOf(entry) ?? {};
      if (typeof auth === "string" && auth !== "") return auth;
      if (typeof username !== "string" || typeof password !== "string") continue;
      return Buffer.from(`${username}:${password}`).toString("base64");
    }
  }
  return undefined;
}

const DOCKER_HUB = "docker.io";

/** The first part of a reference is a host where it looks like one. */
function registryOf(image: string): string {
  const [host = "", rest] = image.split("/", 2);
  const isHost = rest !== undefined && (/[.:]/.test(host) || host === "localhost");
  return isHost ? serverName(host) : DOCKER_HUB;
}

/** Docker's file names servers as hosts and as URLs. */
function serverName(server: string): string {
  const host = server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return host === "index.docker.io" || host === "registry-1.docker.io" ? DOCKER_HUB : host;
}

function parse(bytes: Uint8Array | undefined): Readonly<Record<string, unknown>> | undefined {
  if (bytes === undefined) return undefined;
  try {
    return objectOf(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
