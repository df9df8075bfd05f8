import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../host/atomic-file.ts";
import { currentProcess, type ProcessIdentity } from "../../host/process-identity.ts";
import { readIfPresent } from "../../host/read-if-present.ts";
import type { KeptData } from "../../manifest/data-manifest.ts";
import type { DataSource } from "../../manifest/data-source.ts";
import type { PodFiles, PodIdentity } from "./pod-files.ts";

/**
 * Whose a pod's directories are. Written before the first effect, it outlives a reboot, so that they
 * are found when the pod itself is gone.
 */
export interface PodRecord extends PodIdentity {
  readonly version: 1;
  /** The runtime that the pod is of: several may share the node. */
  readonly endpoint: string;
  /** Who makes the pod: until the sandbox is there, its life is what tells that the pod is wanted. */
  readonly owner: ProcessIdentity;
  /** Whether all of its containers were started: a maker may have been killed before. */
  readonly isMade: boolean;
}

const POD_FILE = "pod.json";
/** The ConfigMaps and Secrets of the pod: nobody else may read them, and no disk shall have them. */
const DATA_FILE = "data.json";

/** Makes the pod's directories, and notes in them what apply knows beside the manifest. */
export async function writeRecord(
  files: PodFiles,
  {
    data,
    ...identity
  }: PodIdentity & { readonly endpoint: string; readonly data: readonly DataSource[] },
): Promise<void> {
  for (const path of [files.persistent, files.memory]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  const owner = currentProcess();
  const record: PodRecord = { version: 1, ...identity, owner, isMade: false };
  await write(join(files.persistent, POD_FILE), record);
  await write(join(files.memory, DATA_FILE), data.map(toKeptData));
}

/** Notes that the pod is all there. */
export async function noteMade(files: PodFiles): Promise<void> {
  const record = readPodRecord(files);
  if (record !== undefined)
    await write(join(files.persistent, POD_FILE), { ...record, isMade: true });
}

/** Undefined for a directory that is not apply's, or of a later version. */
export function readPodRecord(files: Pick<PodFiles, "persistent">): PodRecord | undefined {
  const record = read<PodRecord>(join(files.persistent, POD_FILE));
  return record?.version === 1 ? record : undefined;
}

/** Undefined where it is gone, as after a reboot of the node. */
export function readKeptData(files: Pick<PodFiles, "memory">): readonly KeptData[] | undefined {
  return read<readonly KeptData[]>(join(files.memory, DATA_FILE));
}

export function toKeptData({ kind, name, type, data, binaryKeys }: DataSource): KeptData {
  return {
    kind,
    name,
    ...(type === undefined ? {} : { type }),
    ...(binaryKeys === undefined ? {} : { binaryKeys }),
    values: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  };
}

async function write(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, JSON.stringify(value), { mode: 0o600 });
}

function read<T>(path: string): T | undefined {
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
