/**
 * The shim: one conmon per container, which outlives every crish. It keeps the container's standard
 * streams open, writes the CRI log, records the exit and reaps. This room starts it, speaks to it
 * through its files and sockets, and runs the helper processes that talk where an event loop cannot.
 * It knows nothing of pods, images and records.
 * Specification: conmon(8); the log format of CRI (kubernetes/design-proposals, kubelet-cri-logging).
 */
import { join } from "node:path";
import type { RuntimePaths } from "../paths.ts";

/** Where the files of one container's shim lie. */
export interface ShimFiles {
  /** The OCI bundle, with all that conmon and runc put beside config.json. */
  readonly bundle: string;
  readonly spec: string;
  readonly rootfs: string;
  readonly initPid: string;
  readonly shimPid: string;
  /** SOCK_SEQPACKET, from the creation on. */
  readonly attachSocket: string;
  /** A fifo: log reopening and terminal sizes. */
  readonly control: string;
  readonly runtimeLog: string;
  readonly shimLog: string;
  readonly exitDirectory: string;
  /** Appears whole when the container has ended; its mtime is the time of the exit. */
  readonly exitFile: string;
  /** On another file system than the exit directory; undefined for an exec. */
  readonly persistDirectory: string | undefined;
}

export function shimFiles(
  paths: RuntimePaths,
  containerId: string,
): ShimFiles & { readonly persistDirectory: string } {
  const bundle = join(paths.containers, containerId);
  const persistDirectory = join(paths.persist, containerId);
  const place = { containerId, exitDirectory: paths.exits, persistDirectory };
  return { ...bundleFiles(bundle, place), persistDirectory };
}

/** The same for a terminal exec, whose shim has a bundle and an exit directory of its own. */
export function execFiles(bundle: string, containerId: string): ShimFiles {
  return bundleFiles(bundle, {
    containerId,
    exitDirectory: join(bundle, "exits"),
    persistDirectory: undefined,
  });
}

function bundleFiles(
  bundle: string,
  place: { containerId: string; exitDirectory: string; persistDirectory: string | undefined },
): ShimFiles {
  return {
    bundle,
    spec: join(bundle, "config.json"),
    rootfs: join(bundle, "rootfs"),
    initPid: join(bundle, "init.pid"),
    shimPid: join(bundle, "shim.pid"),
    attachSocket: join(bundle, "attach"),
    control: join(bundle, "ctl"),
    runtimeLog: join(bundle, "runtime.log"),
    shimLog: join(bundle, "shim.log"),
    exitDirectory: place.exitDirectory,
    exitFile: join(place.exitDirectory, place.containerId),
    persistDirectory: place.persistDirectory,
  };
}
