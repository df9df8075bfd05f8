import { rm } from "node:fs/promises";
import { killCgroup } from "../cgroups/kill-cgroup.ts";
import { removeCgroup } from "../cgroups/remove-cgroup.ts";
import type { Engine } from "../engine.ts";
import { beginWherePossible } from "../state/begin-where-possible.ts";
import type { Intent, NewIntent } from "../state/intents.ts";
import type { ExecCgroup } from "./exec-cgroup.ts";
import { killByArgument } from "./kill-by-argument.ts";

export const EXEC_KIND = "container-exec";

/** What an exec has made on the node, as its intent keeps it. */
interface ExecEffects {
  /** Among the arguments of the shim and of the OCI runtime. */
  readonly processFile: string;
  /** What else is to be removed. */
  readonly files: readonly string[];
  /** Undefined on a node whose cgroups cannot hold an exec. */
  readonly cgroupPath: string | undefined;
}

/** The intent of a command whose streams this process holds: without it the command is ended too. */
export function execIntent(
  effects: Omit<ExecEffects, "cgroupPath">,
  cgroup: ExecCgroup,
): NewIntent {
  const detail: ExecEffects = { ...effects, cgroupPath: cgroup.path };
  return { kind: EXEC_KIND, subject: effects.processFile, detail };
}

/** Writes the intent down where the disk takes it, and returns what ends it. */
export async function beginExec(engine: Engine, intent: NewIntent): Promise<() => Promise<void>> {
  const isBegun = await beginWherePossible(engine, intent);
  return async () => {
    if (isBegun) await engine.intents.end(intent);
  };
}

/** Ends the command of a crish that was killed, with all that it had started. Idempotent. */
export async function endOrphanedExec(engine: Engine, intent: Intent): Promise<void> {
  const { processFile, files, cgroupPath } = intent.detail as ExecEffects;
  // First what could still put a process into the cgroup.
  killByArgument(processFile);
  if (cgroupPath !== undefined) {
    await killCgroup(cgroupPath);
    await removeCgroup(cgroupPath);
  }
  await Promise.all(
    [processFile, ...files].map((path) => rm(path, { recursive: true, force: true })),
  );
  await engine.intents.end(intent);
}
