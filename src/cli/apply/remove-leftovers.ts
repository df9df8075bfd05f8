import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "../../host/process-identity.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { readPodRecord } from "./applied-record.ts";
import { podFiles, podRoots, removePodFiles } from "./pod-files.ts";

/**
 * Removes what is left on the node of pods that are gone: removed by another tool, or never made
 * because their maker was killed. Only those of this endpoint, as nobody else knows the others.
 */
export async function removeLeftovers(context: Context): Promise<void> {
  const { persistent } = podRoots(context.env);
  const names = await readdir(persistent).catch(() => []);
  if (names.length === 0) return;
  const { runtime, endpoint } = await context.backend();
  const found = names.map((name) => readPodRecord({ persistent: join(persistent, name) }));
  // Listed after the records were read: a pod whose maker lives may be there only now.
  const { items } = await runtime.listPodSandbox({ filter: undefined }, callOptions(context));
  const present = new Set(items.map(({ metadata }) => metadata?.uid));
  for (const record of found) {
    if (record === undefined || record.endpoint !== endpoint) continue;
    if (present.has(record.uid) || isAlive(record.owner)) continue;
    await removePodFiles(podFiles(context.env, record));
  }
}
