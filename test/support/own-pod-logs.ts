import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";

const LOG_ROOT = "/var/log/pods";

/**
 * What is in /var/log/pods of pods in a namespace that is the test's own. The cleanup removes it; it is
 * to be asked for before what makes the pods, so that they are gone by then.
 */
export function ownPodLogs(cleanup: Cleanup, namespace: string): () => Promise<string[]> {
  const names = async () =>
    (await readdir(LOG_ROOT).catch(() => [])).filter((name) => name.startsWith(`${namespace}_`));
  cleanup.add("remove logs of pods", async () => {
    for (const name of await names()) await rm(join(LOG_ROOT, name), { recursive: true });
  });
  return names;
}
