/** What credentials are for: a registry, or what lies in it below a path. */
export interface AuthScope {
  /** As in references: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** A repository, or the beginning of one; empty for the whole registry. */
  readonly path: string;
}

/** Docker Hub under the name that Docker itself gives it. */
const HUB_KEY = "https://index.docker.io/v1/";
const HUB_NAMES = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * What a key of such a file, or an argument, means. An address with a scheme stands for the whole
 * registry whatever its path; without one the path is a prefix of repositories.
 */
export function parseAuthKey(key: string): AuthScope {
  const hasScheme = /^https?:\/\//i.test(key);
  const [host = "", ...rest] = key.replace(/^https?:\/\//i, "").split("/");
  const isHub = HUB_NAMES.includes(host);
  const path = rest.join("/").replace(/\/+$/, "");
  const isApi = hasScheme || (isHub && /^v\d$/.test(path));
  return { registry: isHub ? "docker.io" : host, path: isApi ? "" : path };
}

/** How closely a key fits a repository: the length of its path; undefined where it does not. */
export function closeness(key: string, wanted: AuthScope): number | undefined {
  const { registry, path } = parseAuthKey(key);
  if (registry !== wanted.registry) return undefined;
  const isAbove = path === "" || wanted.path === path || wanted.path.startsWith(`${path}/`);
  return isAbove ? path.length : undefined;
}

/** The key under which credentials are stored. Docker looks for its hub under that name alone. */
export function formatAuthKey(
  { registry, path }: AuthScope,
  form: "docker" | "containers",
): string {
  if (path !== "") return `${registry}/${path}`;
  return registry === "docker.io" && form === "docker" ? HUB_KEY : registry;
}

/** Names under which a helper may have the registry, the likeliest first. */
export function helperKeys({ registry }: AuthScope): readonly string[] {
  return registry === "docker.io" ? [HUB_KEY, ...HUB_NAMES] : [registry];
}
