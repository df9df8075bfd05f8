import { readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { runProcess } from "../../host/run-process.ts";
import { embeddedPlaces } from "../embedded-places.ts";

/** Where a kubelet has the logs of pods, and so what reads them looks there. */
const LOG_ROOT = "/var/log/pods";

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What apply makes on the node for one pod, whichever runtime runs it. */
export interface PodFiles {
  /** Volumes on disk, messages of containers, /etc/hosts. */
  readonly persistent: string;
  /** What must not lie on a disk where that can be: Secrets, volumes in memory, the record. */
  readonly memory: string;
  readonly logs: string;
}

/** Below it every pod has a directory, in both places; nobody else can look into them. */
export function podRoots(env: Readonly<Record<string, string | undefined>>) {
  const { root, state } = embeddedPlaces(env);
  return { persistent: join(root, "pods"), memory: join(state, "pods") };
}

/** Throws InvalidArgument where the pod's names cannot be apply's: they would be parts of paths. */
export function podFiles(
  env: Readonly<Record<string, string | undefined>>,
  { namespace, name, uid }: PodIdentity,
): PodFiles {
  const parts = [namespace, name, uid];
  if (parts.some((part) => !/^[a-zA-Z0-9][-.a-zA-Z0-9]*$/.test(part))) {
    throw new StatusError("InvalidArgument", `"${parts.join("_")}" cannot name a directory`);
  }
  const roots = podRoots(env);
  return {
    persistent: join(roots.persistent, uid),
    memory: join(roots.memory, uid),
    logs: join(LOG_ROOT, parts.join("_")),
  };
}

/**
 * Removes all that apply has made for a pod whose containers are gone. Idempotent. Throws
 * FailedPrecondition where something is mounted there and stays so: it may be anybody's.
 */
export async function removePodFiles(files: PodFiles): Promise<void> {
  await unmountBelow([files.persistent, files.memory]);
  for (const path of [files.persistent, files.memory, files.logs]) {
    await rm(path, { recursive: true, force: true });
  }
  for (const path of [files.persistent, files.memory]) await rmdir(dirname(path)).catch(() => {});
}

async function unmountBelow(directories: readonly string[]): Promise<void> {
  // The last mounted first: they may lie on each other.
  for (const path of (await mountsBelow(directories)).reverse()) {
    const { exitCode, stderr } = await runProcess("umount", ["--", path]);
    if (exitCode !== 0) throw stillMounted(path, stderr.toString());
  }
  const [left] = await mountsBelow(directories);
  if (left !== undefined) throw stillMounted(left, "");
}

function stillMounted(path: string, why: string): StatusError {
  const reason = why.trim().split("\n").at(-1) ?? "";
  return new StatusError("FailedPrecondition", `cannot unmount "${path}"`, {
    ...(reason === "" ? {} : { cause: new Error(reason) }),
    hint: `umount it, then try again`,
  });
}

/** The fifth field of proc_pid_mountinfo(5), where spaces are written as \040. */
async function mountsBelow(directories: readonly string[]): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  return table
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .map((path) => path.replaceAll(/\\([0-7]{3})/g, (_, code) => fromOctal(code)))
    .filter((path) => directories.some((directory) => path.startsWith(`${directory}/`)));
}

function fromOctal(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 8));
}
