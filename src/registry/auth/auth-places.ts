import { join } from "node:path";

/** Where credentials of registries are kept: Docker's config.json and containers' auth.json. */
export interface AuthPlaces {
  /** Searched in this order; the first that knows the registry is taken. */
  readonly files: readonly string[];
  /** Gets what no file has yet. */
  readonly preferred: string;
  /** The user has named the only file: it must be there to be read. */
  readonly isNamed: boolean;
}

/**
 * A file that is named stands alone. Else: the directory of DOCKER_CONFIG, containers' auth.json of
 * the session and of the user (containers-auth.json(5)), Docker's config.json.
 */
export function authPlaces(
  env: Readonly<Record<string, string | undefined>>,
  named: string | undefined,
): AuthPlaces {
  if (named !== undefined) return { files: [named], preferred: named, isNamed: true };
  const { DOCKER_CONFIG, HOME, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = env;
  const chosen = DOCKER_CONFIG ? join(DOCKER_CONFIG, "config.json") : undefined;
  const session = XDG_RUNTIME_DIR || `/run/containers/${process.getuid?.() ?? 0}`;
  const own = XDG_CONFIG_HOME || (HOME && join(HOME, ".config"));
  const files = [
    chosen,
    XDG_RUNTIME_DIR ? join(session, "containers", "auth.json") : join(session, "auth.json"),
    own ? join(own, "containers", "auth.json") : undefined,
    chosen === undefined && HOME ? join(HOME, ".docker", "config.json") : undefined,
  ].filter((file) => file !== undefined);
  return { files, preferred: chosen ?? files.at(-1) ?? "", isNamed: false };
}
