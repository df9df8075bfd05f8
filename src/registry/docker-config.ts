import { readFile } from "node:fs/promises";
import { StatusError } from "../errors/status-error.ts";
import { runProcess } from "../host/run-process.ts";
import { type Credentials, decodeBasic } from "./credentials.ts";

const HELPER_TIMEOUT_MS = 30_000;

/**
 * The credentials that Docker's config.json has for a registry: its own helper, then the general one,
 * then what the file itself holds. Undefined where it has none or does not exist; InvalidArgument
 * for a file that is not JSON; a helper that fails counts as having none, as Docker does it.
 */
export async function findDockerCredentials(
  file: string,
  registry: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Credentials | undefined> {
  const config = await readConfig(file);
  if (config === undefined) return undefined;
  const keys = registryKeys(registry);
  const helpers = asRecord(config.credHelpers);
  const helper = keys.map((key) => helpers[key]).find((name) => typeof name === "string");
  const store = helper ?? config.credsStore;
  if (typeof store === "string" && store !== "") {
    const found = await askHelper(store, keys, options.signal);
    if (found !== undefined) return found;
  }
  const auths = asRecord(config.auths);
  for (const [name, entry] of Object.entries(auths)) {
    if (keys.includes(normaliseKey(name))) return toCredentials(asRecord(entry));
  }
  return undefined;
}

async function readConfig(file: string): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new StatusError("FailedPrecondition", `could not read "${file}"`, { cause });
  });
  if (text === undefined) return undefined;
  try {
    return asRecord(JSON.parse(text));
  } catch {
    // The parser's message would quote the file, which holds secrets.
    throw new StatusError("InvalidArgument", `"${file}" is not JSON`);
  }
}

/** Docker Hub is kept under a name of its own. */
function registryKeys(registry: string): string[] {
  return registry === "docker.io"
    ? ["docker.io", "https://index.docker.io/v1/", "index.docker.io", "registry-1.docker.io"]
    : [registry];
}

function normaliseKey(key: string): string {
  if (key === "https://index.docker.io/v1/") return key;
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

function toCredentials(entry: Record<string, unknown>): Credentials | undefined {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const identityToken = text(entry.identitytoken);
  if (identityToken !== undefined) return { identityToken };
  const registryToken = text(entry.registrytoken);
  if (registryToken !== undefined) return { registryToken };
  const auth = text(entry.auth);
  if (auth !== undefined) return decodeBasic(auth);
  const username = text(entry.username);
  return username === undefined ? undefined : { username, password: text(entry.password) ?? "" };
}

/** docker-credential-helpers' protocol: the server on stdin, JSON on stdout. */
async function askHelper(
  name: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Credentials | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new StatusError("InvalidArgument", `"${name}" is no name of a credential helper`);
  }
  for (const key of keys) {
    const result = await runProcess(`docker-credential-${name}`, ["get"], {
      input: key,
      timeoutMs: HELPER_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    if (result.exitCode !== 0) continue;
    const answer = parseAnswer(result.stdout.toString("utf8"));
    const { Username: username, Secret: secret } = answer;
    if (typeof username !== "string" || typeof secret !== "string") continue;
    return username === "<token>" ? { identityToken: secret } : { username, password: secret };
  }
  return undefined;
}

function parseAnswer(text: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
