/** What every room of the runtime is handed: where things lie, who we are, and the shared state. */
import type { ProcessIdentity } from "../host/process-identity.ts";
import type { RuntimePaths } from "./paths.ts";
import type { RuntimeConfig } from "./runtime-config.ts";
import type { Database } from "./state/database.ts";
import type { Intents } from "./state/intents.ts";
import type { Locks } from "./state/locks.ts";

export interface Engine {
  readonly paths: RuntimePaths;
  readonly config: RuntimeConfig;
  readonly database: Database;
  readonly locks: Locks;
  readonly intents: Intents;
  /** This process. */
  readonly self: ProcessIdentity;
  /** A short-lived command waits for what it needs; a server never blocks its event loop. */
  readonly mode: "one-shot" | "serve";
  /** Nanoseconds since the epoch. */
  now(): bigint;
  log: Logger;
}

/** Diagnostics for `--debug` and for `serve`; never results. Secrets never reach it. */
export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
}
