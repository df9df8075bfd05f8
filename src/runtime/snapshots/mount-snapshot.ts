import { closeSync, constants, openSync } from "node:fs";
import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { mount } from "../host/mount.ts";
import { type SnapshotMount, snapshotMount } from "./snapshot-mount.ts";

/** mount(2) takes one page of options with its final NUL. */
const LONGEST_OPTIONS_BYTES = 4095;

/**
 * Mounts a snapshot on an existing directory: a container's writable, a committed one read-only.
 * Where the names of many layers would not fit into one page of options, they are named through an
 * open descriptor of the snapshots' directory instead, which the kernel resolves at once.
 */
export async function mountSnapshot(engine: Engine, key: string, target: string): Promise<void> {
  const directories = snapshotMount(engine, key);
  const [only] = directories.lowerDirs;
  if (directories.upperDir === undefined && directories.lowerDirs.length === 1) {
    // Overlay needs two directories: one alone is bound, read-only.
    await mount({ source: only ?? "", target, flags: ["bind"] });
    await mount({ source: only ?? "", target, flags: ["bind", "remount", "readonly"] });
    return;
  }
  const data = overlayOptions(directories);
  if (Buffer.byteLength(data) <= LONGEST_OPTIONS_BYTES) return await mountOverlay(target, data);
  const descriptor = openSync(engine.paths.snapshots, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const shorten = (path: string) =>
      path.replace(engine.paths.snapshots, `/proc/self/fd/${descriptor}`);
    const shortened = overlayOptions(directories, shorten);
    if (Buffer.byteLength(shortened) > LONGEST_OPTIONS_BYTES) {
      throw new StatusError(
        "FailedPrecondition",
        `${directories.lowerDirs.length} layers are more than can be mounted`,
      );
    }
    await mountOverlay(target, shortened);
  } finally {
    closeSync(descriptor);
  }
}

async function mountOverlay(target: string, data: string): Promise<void> {
  await mount({ source: "overlay", target, type: "overlay", data });
}

/** Overlay's options; `map` replaces each directory. Commas and colons in names are escaped. */
function overlayOptions(
  directories: SnapshotMount,
  map: (path: string) => string = (path) => path,
): string {
  const toOption = (path: string) => map(path).replaceAll(/[\\,:]/g, "\\$&");
  const { lowerDirs, upperDir, workDir } = directories;
  const options = [`lowerdir=${lowerDirs.map(toOption).join(":")}`];
  if (upperDir !== undefined) options.push(`upperdir=${toOption(upperDir)}`);
  if (workDir !== undefined) options.push(`workdir=${toOption(workDir)}`);
  return options.join(",");
}
