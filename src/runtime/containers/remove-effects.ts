import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { killCgroup } from "../cgroups/kill-cgroup.ts";
import { removeCgroup } from "../cgroups/remove-cgroup.ts";
import type { Engine } from "../engine.ts";
import { unmount } from "../host/unmount.ts";
import { endShim } from "../shim/end-shim.ts";
import { type ShimFiles, shimFiles } from "../shim/shim-files.ts";
import { removeSnapshot } from "../snapshots/remove-snapshot.ts";
import type { ContainerRecord } from "./container-record.ts";
import { killByArgument } from "./kill-by-argument.ts";

/**
 * Undoes all that a container has on the node but its record and its log: processes, cgroup, mount,
 * snapshot, files. Idempotent, and fit for what a killed process left half made. Every step is tried;
 * the first failure is thrown.
 */
export async function removeEffects(
  engine: Engine,
  record: ContainerRecord,
  options: { isUnfinished: boolean },
): Promise<void> {
  const files = shimFiles(engine.paths, record.id);
  // conmon and runc of a creation that nobody saw to its end: their arguments bear the ID.
  if (options.isUnfinished) killByArgument(record.id);
  else if (record.shim !== undefined) await endShim(record.shim);
  await killCgroup(record.cgroupPath);
  const steps = [
    removeCgroup(record.cgroupPath),
    unmount(files.rootfs, { detach: true })
      .then(() => removeSnapshot(engine, record.id))
      .then(() => rm(files.bundle, { recursive: true, force: true })),
    // What runc itself keeps; its own delete does this and no more, in ten times the time.
    rm(join(engine.paths.runc, record.id), { recursive: true, force: true }),
    rm(files.persistDirectory, { recursive: true, force: true, maxRetries: 3, retryDelay: 10 }),
    removeExitFiles(files),
  ];
  const failed = (await Promise.allSettled(steps)).find((step) => step.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Also the part of one that a killed shim has left beside it. */
async function removeExitFiles(files: ShimFiles): Promise<void> {
  const name = basename(files.exitFile);
  for (const entry of await readdir(files.exitDirectory)) {
    if (entry.startsWith(name)) await rm(join(files.exitDirectory, entry), { force: true });
  }
}
