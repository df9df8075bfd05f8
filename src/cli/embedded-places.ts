const DEFAULT_ROOT = "/var/lib/crish";
const DEFAULT_STATE = "/run/crish";

/** Where the embedded runtime keeps its things, and the file that configures it. */
export interface EmbeddedPlaces {
  readonly root: string;
  readonly state: string;
  readonly configFile?: string;
}

/** The places that the environment names, else those of the system. */
export function embeddedPlaces(env: Readonly<Record<string, string | undefined>>): EmbeddedPlaces {
  const { CRISH_ROOT, CRISH_STATE, CRISH_RUNTIME_CONFIG } = env;
  // Loaded here: it takes Bun a millisecond, which other backends need not wait.
  const { resolve } = process.getBuiltinModule("node:path");
  return {
    // Absolute: containers go on with these paths when nobody knows where crish was started.
    root: resolve(CRISH_ROOT || DEFAULT_ROOT),
    state: resolve(CRISH_STATE || DEFAULT_STATE),
    ...(CRISH_RUNTIME_CONFIG ? { configFile: CRISH_RUNTIME_CONFIG } : {}),
  };
}
