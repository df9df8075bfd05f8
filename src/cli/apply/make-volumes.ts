import type { Stats } from "node:fs";
import { chmod, chown, lstat, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";
import { runProcess } from "../../host/run-process.ts";
import type { FilePlan, HostPathType, VolumePlan } from "../../manifest/plan-volumes.ts";
import type { PodFiles } from "./pod-files.ts";

/** A volume that is there: a place on the node, or an image. */
export type MadeVolume =
  | {
      readonly kind: Exclude<VolumePlan["kind"], "image">;
      readonly path: string;
      /** Whom what is made there belongs to. */
      readonly group?: number;
    }
  | { readonly kind: "image"; readonly reference: string };

export type MadeVolumes = ReadonlyMap<string, MadeVolume>;

/** The place that a volume has or will have. */
export function placeOf(plan: VolumePlan, files: PodFiles, fsGroup?: number): MadeVolume {
  const group = fsGroup === undefined ? {} : { group: fsGroup };
  switch (plan.kind) {
    case "image":
      return { kind: plan.kind, reference: plan.reference };
    case "host":
      return { kind: plan.kind, path: plan.path };
    case "directory": {
      const base = plan.memory === undefined ? files.persistent : files.memory;
      return { kind: plan.kind, path: join(base, "volumes", plan.name), ...group };
    }
    case "files": {
      const base = plan.isSecret ? files.memory : files.persistent;
      return { kind: plan.kind, path: join(base, "volumes", plan.name), ...group };
    }
  }
}

/**
 * Makes the volumes, and checks those of the node. What is made lies below the pod's directories,
 * but for a hostPath that is to be created. Throws FailedPrecondition for a hostPath of another type.
 */
export async function makeVolumes(
  plans: readonly VolumePlan[],
  { files, fsGroup, signal }: { files: PodFiles; fsGroup?: number; signal: AbortSignal },
): Promise<MadeVolumes> {
  const made = new Map<string, MadeVolume>();
  for (const plan of plans) {
    signal.throwIfAborted();
    const volume = placeOf(plan, files, fsGroup);
    made.set(plan.name, volume);
    if (volume.kind === "image") continue;
    if (plan.kind === "host") await checkHostPath(plan.path, plan.type);
    else await mkdir(volume.path, { recursive: true, mode: 0o700 });
    if (plan.kind === "directory") await makeDirectory(volume.path, plan, fsGroup, signal);
    if (plan.kind === "files") await writeFiles(volume.path, plan.files, fsGroup);
  }
  return made;
}

async function makeDirectory(
  path: string,
  { memory, name }: Extract<VolumePlan, { kind: "directory" }>,
  fsGroup: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (memory !== undefined) {
    const size = memory.limitBytes === undefined ? "50%" : String(memory.limitBytes);
    const args = ["-t", "tmpfs", "-o", `size=${size},mode=0777`, "crish", path];
    const { exitCode, stderr } = await runProcess("mount", args, { signal });
    if (exitCode !== 0) {
      const cause = new Error(stderr.toString().trim());
      const why = `volume "${name}" cannot be mounted at "${path}"`;
      throw new StatusError("FailedPrecondition", why, { cause });
    }
  }
  // Any user of the pod may write; with a group, what is made there belongs to it.
  await own(path, { mode: fsGroup === undefined ? 0o777 : 0o2777, fsGroup });
}

/** A file's group may read it, as it is the group that makes the files of a volume readable. */
async function writeFiles(
  directory: string,
  files: readonly FilePlan[],
  fsGroup: number | undefined,
): Promise<void> {
  const directoryMode = fsGroup === undefined ? 0o755 : 0o2755;
  await own(directory, { mode: directoryMode, fsGroup });
  for (const { path, data, mode } of files) {
    const target = join(directory, path);
    const between: string[] = [];
    for (let at = dirname(target); at !== directory; at = dirname(at)) between.unshift(at);
    await mkdir(dirname(target), { recursive: true });
    for (const at of between) await own(at, { mode: directoryMode, fsGroup });
    await writeFile(target, data, { mode: 0o600, flag: "wx" });
    await own(target, { mode: fsGroup === undefined ? mode : mode | 0o440, fsGroup });
  }
}

async function own(
  path: string,
  { mode, fsGroup }: { mode: number; fsGroup: number | undefined },
): Promise<void> {
  // chown takes setgid away, so the mode comes last.
  if (fsGroup !== undefined) await chown(path, 0, fsGroup);
  await chmod(path, mode);
}

const CHECKS: Readonly<Record<string, { is(facts: Stats): boolean; what: string }>> = {
  Directory: { is: (facts) => facts.isDirectory(), what: "a directory" },
  DirectoryOrCreate: { is: (facts) => facts.isDirectory(), what: "a directory" },
  File: { is: (facts) => facts.isFile(), what: "a file" },
  FileOrCreate: { is: (facts) => facts.isFile(), what: "a file" },
  Socket: { is: (facts) => facts.isSocket(), what: "a socket" },
  CharDevice: { is: (facts) => facts.isCharacterDevice(), what: "a character device" },
  BlockDevice: { is: (facts) => facts.isBlockDevice(), what: "a block device" },
};

async function checkHostPath(path: string, type: HostPathType): Promise<void> {
  const check = CHECKS[type];
  if (check === undefined) return;
  try {
    if (type === "DirectoryOrCreate") await mkdir(path, { recursive: true, mode: 0o755 });
    if (type === "FileOrCreate" && (await isMissing(path))) {
      await writeFile(path, "", { mode: 0o644, flag: "wx" });
    }
    if (check.is(await stat(path))) return;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== "EEXIST" && code !== "ENOTDIR") {
      throw new StatusError(
        "FailedPrecondition",
        `hostPath "${path}" is not ${check.what}: ${errnoText(cause)}`,
      );
    }
  }
  throw new StatusError("FailedPrecondition", `hostPath "${path}" is not ${check.what}`);
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
