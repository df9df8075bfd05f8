import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { getExecutable } from "../../host/find-executable.ts";
import { runProcess } from "../../host/run-process.ts";
import type { Engine } from "../engine.ts";
import { findImage } from "../images/find-image.ts";
import { callRunc, type Runc } from "../oci/runc.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { writeSnapshotDiff } from "../snapshots/write-snapshot-diff.ts";
import type { ContainerRecord } from "./container-record.ts";
import { assertIsRunning } from "./container-state.ts";
import { getContainer } from "./find-container.ts";
import { getRuntime } from "./runtime-handler.ts";

/**
 * Writes the memory of the container's processes, and what they have changed on disk, into an
 * archive of the layout that CRI-O and containerd share: `config.dump`, `spec.dump`, CRIU's images in
 * `checkpoint/`, `rootfs-diff.tar` and `deleted.files`. The container runs on. The archive appears
 * whole or not at all. FailedPrecondition unless it runs, where CRIU is missing, and where it fails.
 */
export async function checkpointContainer(
  engine: Engine,
  id: string,
  options: { readonly location: string; readonly signal?: AbortSignal },
): Promise<void> {
  const { location, ...wait } = options;
  const found = await getContainer(engine, id);
  await checkLocation(location);
  await engine.locks.withLock(`container:${found.id}`, wait, async () => {
    const record = await getContainer(engine, found.id);
    assertIsRunning(record);
    getExecutable("criu");
    const runtime = getRuntime(engine, record.runtimeHandler);
    // On disk, and gone with the container at the latest.
    const directory = join(shimFiles(engine.paths, record.id).persistDirectory, "checkpoint");
    const partial = join(
      dirname(location),
      `.${basename(location)}.${randomBytes(4).toString("hex")}`,
    );
    await rm(directory, { recursive: true, force: true });
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await dumpProcesses(runtime, record, { directory, ...wait });
      await describeContainer(engine, record, directory);
      await writeSnapshotDiff(engine, record.id, { directory, ...wait });
      await pack(directory, partial, wait);
      await rename(partial, location);
    } finally {
      await rm(directory, { recursive: true, force: true });
      await rm(partial, { force: true });
    }
  });
}

async function checkLocation(location: string): Promise<void> {
  if (!isAbsolute(location)) {
    throw new StatusError("InvalidArgument", `"${location}" is no absolute path for a checkpoint`);
  }
  const isDirectory = async (path: string) =>
    (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (await isDirectory(location)) {
    throw new StatusError(
      "InvalidArgument",
      `"${location}" is a directory, and no checkpoint's file`,
    );
  }
  if (!(await isDirectory(dirname(location)))) {
    throw new StatusError("InvalidArgument", `there is no directory "${dirname(location)}"`);
  }
}

interface Dump {
  readonly directory: string;
  readonly signal?: AbortSignal;
}

const WORK = "work";

async function dumpProcesses(
  runtime: Runc,
  { id }: ContainerRecord,
  { directory, ...wait }: Dump,
): Promise<void> {
  const work = join(directory, WORK);
  const places = [`--image-path=${join(directory, "checkpoint")}`, `--work-path=${work}`];
  await mkdir(work);
  const flags = ["--leave-running", "--tcp-established", "--file-locks"];
  const action = `checkpoint container "${id}"`;
  try {
    await callRunc(runtime, ["checkpoint", ...places, ...flags, id], {
      action,
      logDirectory: directory,
      ...wait,
    });
  } catch (error) {
    const reason = await lastComplaint(join(work, "dump.log"));
    if (reason === undefined) throw error;
    // runc names a log that is removed here: what stands in it says more.
    throw new StatusError("FailedPrecondition", `cannot ${action}`, {
      cause: new Error(reason),
      hint: "criu check tells what this kernel lacks for it",
    });
  }
}

/** `(00.123456) Error (criu/x.c:12): what went wrong`: the last of them. */
async function lastComplaint(log: string): Promise<string | undefined> {
  const text = await readFile(log, "utf8").catch(() => "");
  return [...text.matchAll(/Error \([^)]*\): (.+)$/gm)].at(-1)?.[1];
}

async function describeContainer(
  engine: Engine,
  record: ContainerRecord,
  directory: string,
): Promise<void> {
  const { id, config, imageId, runtimeHandler, createdAtNs } = record;
  const description = {
    id,
    name: config.metadata?.name ?? "",
    rootfsImage: imageId,
    rootfsImageRef: imageId,
    rootfsImageName: findImage(engine, imageId)?.tags[0] ?? config.image?.image ?? "",
    runtime: runtimeHandler || "runc",
    createdTime: new Date(Number(createdAtNs / 1_000_000n)).toISOString(),
    checkpointedTime: new Date().toISOString(),
    restoredTime: "0001-01-01T00:00:00Z",
    restored: false,
  };
  await writeFile(join(directory, "config.dump"), JSON.stringify(description, undefined, 2));
  await copyFile(shimFiles(engine.paths, id).spec, join(directory, "spec.dump"));
  for (const name of ["dump.log", "stats-dump"]) {
    await rename(join(directory, WORK, name), join(directory, name)).catch(() => {});
  }
  await rm(join(directory, WORK), { recursive: true, force: true });
}

async function pack(
  directory: string,
  archive: string,
  wait: { readonly signal?: AbortSignal },
): Promise<void> {
  // Memory of any process may be in it: for root alone, from its first byte on.
  await writeFile(archive, "", { mode: 0o600 });
  const args = [
    "--create",
    `--file=${archive}`,
    `--directory=${directory}`,
    "--numeric-owner",
    ".",
  ];
  const { exitCode, stderr } = await runProcess("tar", args, wait);
  if (exitCode === 0) return;
  throw new StatusError("Internal", `cannot write the checkpoint "${archive}"`, {
    cause: new Error(stderr.toString().trim()),
  });
}
