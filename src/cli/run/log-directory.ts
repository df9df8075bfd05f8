import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { deleteLogs } from "../delete-logs.ts";

/** Below it each pod that `run` makes on a CRI runtime has a directory for its logs. */
const LOG_ROOT = "/var/log/crish";

interface PodNames {
  readonly name: string;
  readonly uid: string;
}

/** Where the log of a pod that `run` makes lies; `undefined` for a pod that `run` cannot have made. */
export function runLogDirectory({ name, uid }: PodNames): string | undefined {
  if (!RUN_NAME.test(name) || !RUN_UID.test(uid)) return undefined;
  return join(LOG_ROOT, `${name}_${uid}`);
}

/** What `run` takes for a name, and the random UIDs that it gives: neither leads out of LOG_ROOT. */
const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const RUN_UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Deletes what `run` has made for the log of a pod that is gone: the log and its rotations, and the
 * directory unless something else lies in it. Nothing happens to other pods.
 */
export async function removeRunLogs(pod: PodNames): Promise<void> {
  const directory = runLogDirectory(pod);
  if (directory === undefined) return;
  await deleteLogs(join(directory, runLogName(pod.name)));
  await rmdir(directory).catch(() => {});
}

export function runLogName(podName: string): string {
  return `${podName}.log`;
}
