import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../host/atomic-file.ts";
import { currentProcess, type ProcessIdentity } from "../../host/process-identity.ts";
import { readIfPresent } from "../../host/read-if-present.ts";
import type { DataSource } from "../../manifest/data-source.ts";
import type { PodFiles, PodIdentity } from "./pod-files.ts";

/**
 * What apply remembers of a pod beside the manifest, which the sandbox bears: written before the
 * first effect, read by the next apply, by delete and by generate. It holds Secrets, so it lies
 * where they may, and nobody else can read it.
 */
export interface AppliedRecord extends PodIdentity {
  readonly version: 1;
  /** The runtime that the pod is of: several may share the node. */
  readonly endpoint: string;
  /** Who makes the pod: until the sandbox is there, its life is what tells that the pod is wanted. */
  readonly owner: ProcessIdentity;
  /** The ConfigMaps and Secrets that the pod uses, values in base64. */
  readonly data: readonly RecordedData[];
}

export interface RecordedData {
  readonly kind: DataSource["kind"];
  readonly name: string;
  readonly type?: string;
  readonly values: Readonly<Record<string, string>>;
}

const FILE = "applied.json";

export async function writeAppliedRecord(
  files: PodFiles,
  record: Omit<AppliedRecord, "version" | "owner">,
): Promise<void> {
  for (const path of [files.persistent, files.memory]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  const text = JSON.stringify({ version: 1, owner: currentProcess(), ...record });
  await writeFileAtomic(join(files.memory, FILE), text, { mode: 0o600 });
}

/** Undefined where it is gone, after a reboot of the node, or not apply's. */
export async function readAppliedRecord(
  files: Pick<PodFiles, "memory">,
): Promise<AppliedRecord | undefined> {
  try {
    const text = await readIfPresent(join(files.memory, FILE));
    const record = text === undefined ? undefined : (JSON.parse(text) as AppliedRecord);
    return record?.version === 1 ? record : undefined;
  } catch {
    return undefined;
  }
}

export function toRecordedData(sources: readonly DataSource[]): RecordedData[] {
  return sources.map(({ kind, name, type, data }) => ({
    kind,
    name,
    ...(type === undefined ? {} : { type }),
    values: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  }));
}
