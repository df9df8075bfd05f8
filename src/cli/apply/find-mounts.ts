import { chmod, chown, mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createMessage } from "../../cri/create-message.ts";
import { Mount } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { DEFAULT_MESSAGE_PATH } from "../../manifest/container-config.ts";
import type { ContainerManifest } from "../../manifest/container-shape.ts";
import type { PodFacts } from "../../manifest/downward.ts";
import { etcHosts } from "../../manifest/etc-hosts.ts";
import type { MountPlan } from "../../manifest/plan-mounts.ts";
import { imageSpec } from "../image-spec.ts";
import type { MadeVolume, MadeVolumes } from "./make-volumes.ts";
import type { PodFiles } from "./pod-files.ts";

export interface MountOptions {
  readonly container: ContainerManifest;
  readonly attempt: number;
  readonly plans: readonly MountPlan[];
  readonly volumes: MadeVolumes;
  readonly pod: PodFacts;
  readonly files: PodFiles;
  /** Only tells where things would be. */
  readonly isDryRun: boolean;
}

/** The mounts of a container with their places on the node, and those that a kubelet adds. */
export async function findMounts(options: MountOptions): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const plan of options.plans) {
    const volume = options.volumes.get(plan.volume);
    if (volume !== undefined) mounts.push(await toMount(plan, volume, options.isDryRun));
  }
  const isTaken = (path: string) => mounts.some(({ containerPath }) => containerPath === path);
  const messagePath = options.container.terminationMessagePath ?? DEFAULT_MESSAGE_PATH;
  if (!isTaken(messagePath)) mounts.push(await messageMount(messagePath, options));
  const hostsPath = "/etc/hosts";
  if (options.pod.manifest.spec.hostAliases !== undefined && !isTaken(hostsPath)) {
    mounts.push(await hostsMount(hostsPath, options));
  }
  return mounts;
}

async function toMount(plan: MountPlan, volume: MadeVolume, isDryRun: boolean): Promise<Mount> {
  const { containerPath, readonly, propagation, recursive, subPath } = plan;
  if (volume.kind === "image") {
    const image = imageSpec(volume.reference);
    return createMessage(Mount, { containerPath, readonly: true, image, imageSubPath: subPath });
  }
  return createMessage(Mount, {
    containerPath,
    hostPath: isDryRun ? join(volume.path, subPath) : await findSubPath(volume, plan),
    // What comes from objects of the API is theirs to change.
    readonly: readonly || volume.kind === "files",
    recursiveReadOnly: recursive === "Enabled",
    propagation,
  });
}

/**
 * The real place of a path in a volume; a directory is made where nothing is. What a container has
 * put into the volume is not trusted: a link that leads out of it is refused.
 */
async function findSubPath(
  volume: Exclude<MadeVolume, { kind: "image" }>,
  { subPath, containerPath }: MountPlan,
): Promise<string> {
  if (subPath === "") return volume.path;
  const root = await realpath(volume.path);
  let place = root;
  for (const part of subPath.split("/").filter((name) => name !== "" && name !== ".")) {
    const next = join(place, part);
    const isThere = await stat(next).then(
      () => true,
      () => false,
    );
    if (!isThere && volume.kind === "files") {
      const why = `the volume of the mount at "${containerPath}" has no "${subPath}"`;
      throw new StatusError("NotFound", why);
    }
    if (!isThere) await makeDirectory(next, volume.group);
    place = await realpath(next);
    if (place !== root && !place.startsWith(`${root}/`)) {
      const why = `"${subPath}" of the mount at "${containerPath}" is a link out of its volume`;
      throw new StatusError("FailedPrecondition", why);
    }
  }
  return place;
}

async function makeDirectory(path: string, group: number | undefined): Promise<void> {
  await mkdir(path);
  if (group !== undefined) await chown(path, 0, group);
  await chmod(path, group === undefined ? 0o777 : 0o2777);
}

/** Where the container may say why it ended. */
async function messageMount(containerPath: string, options: MountOptions): Promise<Mount> {
  const { container, attempt, files } = options;
  const hostPath = join(files.persistent, "messages", container.name, String(attempt));
  if (!options.isDryRun) {
    await mkdir(dirname(hostPath), { recursive: true, mode: 0o700 });
    await writeFile(hostPath, "");
    await chmod(hostPath, 0o666);
  }
  return createMessage(Mount, { containerPath, hostPath });
}

async function hostsMount(containerPath: string, options: MountOptions): Promise<Mount> {
  const { pod, files, isDryRun } = options;
  const hostPath = join(files.persistent, "hosts");
  if (!isDryRun) {
    await writeFile(hostPath, await etcHostsOf(pod));
    await chmod(hostPath, 0o644);
  }
  return createMessage(Mount, { containerPath, hostPath });
}

async function etcHostsOf(pod: PodFacts): Promise<string> {
  if (pod.manifest.spec.hostNetwork !== true) return etcHosts(pod, undefined);
  const { readFile } = await import("node:fs/promises");
  return etcHosts(pod, await readFile("/etc/hosts", "utf8").catch(() => ""));
}
