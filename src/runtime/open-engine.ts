import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { resolve } from "node:path";
import { StatusError } from "../errors/status-error.ts";
import { createClock } from "../host/clock.ts";
import { currentProcess, type ProcessIdentity, readBootId } from "../host/process-identity.ts";
import { throwIfAborted } from "../host/sleep.ts";
import { chooseNetwork, rootName } from "./choose-network.ts";
import { completeConfig, DEFAULT_ROOT, DEFAULT_STATE } from "./complete-config.ts";
import type { Engine, Logger } from "./engine.ts";
import { loadRuntimeConfig } from "./load-runtime-config.ts";
import { type RuntimePaths, runtimePaths } from "./paths.ts";
import { openDatabase } from "./state/open-database.ts";
import { openIntents } from "./state/open-intents.ts";
import { openLocks, releaseDeadLocks } from "./state/open-locks.ts";

export interface EngineOptions {
  /** What lasts. Default /var/lib/crish. */
  readonly root?: string | undefined;
  /** What a reboot may take. Default /run/crish. */
  readonly state?: string | undefined;
  /** Default /etc/crish/runtime.yaml, which may be absent; a file that is named must exist. */
  readonly configFile?: string | undefined;
  readonly mode: Engine["mode"];
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Is told, in one line, what whoever uses the runtime must know of it. */
  readonly tell?: (line: string) => void;
}

/**
 * Opens the embedded runtime's shared state: makes its directories (0700) and the database, reads the
 * configuration. PermissionDenied without root's rights, FailedPrecondition from a mount namespace
 * in which the pods of this root are not mounted. Recovery of what others left is not done here.
 * On a disk that may only be read a command's database is one that refuses to be written, and told of.
 */
export async function openEngine(options: EngineOptions): Promise<Engine & { close(): void }> {
  throwIfAborted(options.signal);
  if (process.geteuid?.() !== 0) {
    throw new StatusError("PermissionDenied", "the embedded runtime needs root's rights", {
      hint: "run crish as root, or name a runtime with --runtime-endpoint",
    });
  }
  const root = resolve(options.root ?? DEFAULT_ROOT);
  const file = await loadRuntimeConfig(options.configFile);
  const paths = runtimePaths(root, resolve(options.state ?? DEFAULT_STATE));
  makeDirectories(paths);
  await holdMountNamespace(paths);
  const database = await openDatabase({
    file: paths.database,
    mode: options.mode,
    scratch: paths.state,
  });
  try {
    if (database.isReadOnly) {
      options.tell?.(`"${paths.database}" is on a read-only file system: nothing can be changed`);
    } else {
      await releaseDeadLocks(database);
    }
    const name = () => rootName(root, root === DEFAULT_ROOT);
    const network = await chooseNetwork(database, name, file.network ?? {});
    const config = completeConfig(file, { root, network });
    const now = createClock();
    let identity: ProcessIdentity | undefined;
    // Whoever only looks need not be known.
    const shared = {
      database,
      now,
      get self() {
        identity ??= currentProcess();
        return identity;
      },
    };
    return {
      paths,
      config,
      database,
      locks: openLocks(shared),
      intents: openIntents(shared),
      get self() {
        return shared.self;
      },
      mode: options.mode,
      now,
      log: options.log,
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function makeDirectories(paths: RuntimePaths): void {
  const { database: _file, ...directories } = paths;
  for (const directory of Object.values(directories)) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new StatusError("FailedPrecondition", `could not create "${directory}"`, {
        cause,
        hint: "CRISH_ROOT and CRISH_STATE name other directories",
      });
    }
  }
}

/**
 * Namespaces are pinned by bind mounts below the state directory, which another mount namespace sees
 * as plain files: working from there would lose every pod.
 */
async function holdMountNamespace(paths: RuntimePaths): Promise<void> {
  const file = `${paths.state}/mount-namespace`;
  const own = `${readBootId()} ${readlinkSync("/proc/self/ns/mnt")}`;
  const recorded = existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  if (recorded === own) return;
  const sameBoot = recorded?.split(" ")[0] === readBootId();
  if (recorded !== undefined && sameBoot && readdirSync(paths.sandboxes).length > 0) {
    throw new StatusError(
      "FailedPrecondition",
      `the pods below "${paths.state}" are mounted in another mount namespace`,
      { hint: "run crish on the host itself, or name another state directory with CRISH_STATE" },
    );
  }
  const { writeFileAtomic } = await import("../host/atomic-file.ts");
  await writeFileAtomic(file, `${own}\n`, { mode: 0o600 });
}
