import { posix } from "node:path";
import { StatusError } from "../errors/status-error.ts";
import { type DataReference, type DataSources, findData } from "./data-source.ts";
import { fieldValue, type PodFacts, resourceValue } from "./downward.ts";
import { parseUnits } from "./parse-quantity.ts";
import type { DownwardItem, KeyItem, VolumeManifest } from "./volume-shape.ts";

/** What is to be made on the node for a volume, or found there. */
export type VolumePlan =
  | { readonly kind: "directory"; readonly name: string; readonly memory: MemorySize | undefined }
  | {
      readonly kind: "host";
      readonly name: string;
      readonly path: string;
      readonly type: HostPathType;
    }
  | { readonly kind: "image"; readonly name: string; readonly reference: string }
  | {
      readonly kind: "files";
      readonly name: string;
      /** Whether a Secret is among them: they stay in memory where that can be. */
      readonly isSecret: boolean;
      readonly files: readonly FilePlan[];
    };

/** An emptyDir in memory; without a limit half of the node's. */
interface MemorySize {
  readonly limitBytes: bigint | undefined;
}

export type HostPathType = NonNullable<NonNullable<VolumeManifest["hostPath"]>["type"]>;

export interface FilePlan {
  /** Below the volume. */
  readonly path: string;
  readonly mode: number;
  readonly data: Uint8Array;
}

const DEFAULT_MODE = 0o644;

/** The volumes of a pod. Throws NotFound for a ConfigMap, Secret or key that must be there. */
export function planVolumes(pod: PodFacts, sources: DataSources): VolumePlan[] {
  return (pod.manifest.spec.volumes ?? []).map((volume) => planVolume(volume, pod, sources));
}

function planVolume(volume: VolumeManifest, pod: PodFacts, sources: DataSources): VolumePlan {
  const { name, hostPath, image, emptyDir } = volume;
  if (hostPath !== undefined) {
    return { kind: "host", name, path: hostPath.path, type: hostPath.type ?? "" };
  }
  if (image !== undefined) return { kind: "image", name, reference: image.reference };
  const files = filesOf(volume, pod, sources);
  if (files !== undefined) {
    const isSecret =
      volume.secret !== undefined || volume.projected?.sources?.some(({ secret }) => secret);
    return { kind: "files", name, isSecret: isSecret === true, files };
  }
  const limit = emptyDir?.sizeLimit;
  const memory =
    emptyDir?.medium === "Memory"
      ? { limitBytes: limit === undefined ? undefined : parseUnits(limit) }
      : undefined;
  return { kind: "directory", name, memory };
}

function filesOf(
  volume: VolumeManifest,
  pod: PodFacts,
  sources: DataSources,
): readonly FilePlan[] | undefined {
  const files = readFiles(volume, pod, sources);
  if (files !== undefined) refuseDoubles(files, volume.name);
  return files;
}

function readFiles(volume: VolumeManifest, pod: PodFacts, sources: DataSources) {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  const { namespace } = pod;
  const make = { usedBy: `volume "${name}"`, pod, sources };
  if (configMap !== undefined) {
    const reference = { kind: "ConfigMap", namespace, name: configMap.name } as const;
    return keyFiles(reference, configMap, make);
  }
  if (secret !== undefined) {
    const reference = { kind: "Secret", namespace, name: secret.secretName } as const;
    return keyFiles(reference, secret, make);
  }
  if (downwardAPI !== undefined) return downwardFiles(downwardAPI, make);
  if (projected === undefined) return undefined;
  const { defaultMode = DEFAULT_MODE } = projected;
  return (projected.sources ?? []).flatMap((source) => {
    if (source.downwardAPI !== undefined) {
      return downwardFiles({ ...source.downwardAPI, defaultMode }, make);
    }
    const kind = source.configMap === undefined ? "Secret" : "ConfigMap";
    const data = source.configMap ?? source.secret;
    if (data === undefined) return [];
    return keyFiles({ kind, namespace, name: data.name }, { ...data, defaultMode }, make);
  });
}

interface Making {
  readonly usedBy: string;
  readonly pod: PodFacts;
  readonly sources: DataSources;
}

interface Keys {
  readonly items?: readonly KeyItem[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

function keyFiles(reference: DataReference, keys: Keys, make: Making): FilePlan[] {
  const { items, optional, defaultMode = DEFAULT_MODE } = keys;
  const { usedBy } = make;
  const source = findData(make.sources, reference, { optional, usedBy });
  if (source === undefined) return [];
  if (items === undefined) {
    return Object.entries(source.data).map(([path, data]) => ({ path, data, mode: defaultMode }));
  }
  return items.flatMap(({ key, path, mode = defaultMode }) => {
    const data = source.data[key];
    if (data !== undefined) return [{ path, data, mode }];
    if (optional === true) return [];
    const { kind, name } = reference;
    throw new StatusError(
      "NotFound",
      `${usedBy} wants the key "${key}" of the ${kind} "${name}", which it does not have`,
    );
  });
}

function downwardFiles(
  {
    items = [],
    defaultMode = DEFAULT_MODE,
  }: { readonly items?: readonly DownwardItem[]; readonly defaultMode?: number },
  { pod, usedBy }: Making,
): FilePlan[] {
  return items.map(({ path, mode = defaultMode, fieldRef, resourceFieldRef }) => {
    if (fieldRef !== undefined && !fieldRef.fieldPath.startsWith("metadata.")) {
      const why = `${usedBy}: fieldPath "${fieldRef.fieldPath}" is for variables only`;
      throw new StatusError("InvalidArgument", why, { hint: "files can have metadata.*" });
    }
    const text =
      fieldRef === undefined
        ? resourceFieldRef && resourceValue(resourceFieldRef, undefined, pod)
        : fieldValue(fieldRef, pod);
    return { path, mode, data: Buffer.from(text ?? "") };
  });
}

/** Each file has a path of its own, and none is a directory of another one. */
function refuseDoubles(files: readonly FilePlan[], name: string): void {
  const seen = new Set<string>();
  const refuse = (what: string) =>
    new StatusError("InvalidArgument", `volume "${name}" has ${what}`);
  for (const { path } of files) {
    const own = posix.normalize(path);
    if (seen.has(own)) throw refuse(`the file "${path}" twice`);
    seen.add(own);
  }
  for (const { path } of files) {
    const own = posix.normalize(path);
    for (let at = own.lastIndexOf("/"); at > 0; at = own.lastIndexOf("/", at - 1)) {
      const parent = own.slice(0, at);
      if (seen.has(parent)) throw refuse(`the file "${parent}", and "${path}" below it`);
    }
  }
}
