/**
 * The files of a container that does not run, through its root file system where the runtime leaves it
 * mounted, as the embedded one does. What of this node was mounted into it is found where it lay.
 */
import { statSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { DirectoryHandle } from "../../host/directory-handle.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import type { ContainerSide } from "./container-side.ts";
import { MountedDirectory, type MountPoint } from "./mounted-directory.ts";
import { toLatin } from "./parse-place.ts";
import { partsOf } from "./resolve-inside.ts";
import { rootSide } from "./root-side.ts";

/** Throws FailedPrecondition where it is not mounted on this node. */
export async function openThroughMount(
  context: Context,
  container: Pick<Container, "id">,
  reference: string,
): Promise<ContainerSide> {
  const { runtime, endpoint } = await context.backend();
  const request = { containerId: container.id, verbose: true };
  const { info } = await runtime.containerStatus(request, callOptions(context));
  const { root, mounts } = specIn(info.info);
  if (endpoint.startsWith("tcp:") || root === undefined || !isMounted(root)) {
    throw new StatusError(
      "FailedPrecondition",
      `container "${reference}" is not running, and its root file system is not mounted`,
      {
        hint: "the runtime mounts it only while the container runs: its files can be reached then",
      },
    );
  }
  const points = mounts.map((mount) => toPoint(mount, reference));
  const side = rootSide(MountedDirectory.root(DirectoryHandle.at(root), points));
  return {
    ...side,
    close() {
      for (const { source } of points) source?.parent.close();
      side.close();
    },
  };
}

interface SpecParts {
  /** Absolute. */
  readonly root: string | undefined;
  readonly mounts: readonly Mount[];
}

interface Mount {
  readonly destination: string;
  /** Absolute; undefined where it is no file or directory of the node. */
  readonly source: string | undefined;
  readonly isReadOnly: boolean;
}

/** What the runtime specification in a verbose status tells, as far as it is one. */
function specIn(info: string | undefined): SpecParts {
  let spec: Partial<Record<"root" | "mounts", unknown>> | undefined;
  try {
    spec = JSON.parse(info ?? "{}").runtimeSpec;
  } catch {
    // A runtime of which nothing is known.
  }
  const root = textOf(spec?.root, "path");
  const mounts = Array.isArray(spec?.mounts) ? spec.mounts : [];
  return {
    root: root !== undefined && isAbsolute(root) ? root : undefined,
    mounts: mounts.flatMap(toMount),
  };
}

function toMount(mount: unknown): Mount[] {
  const destination = textOf(mount, "destination");
  if (destination === undefined) return [];
  const source = textOf(mount, "source");
  const options: unknown = Reflect.get(Object(mount), "options");
  const has = (...words: string[]) =>
    Array.isArray(options) && words.some((word) => options.includes(word));
  const isBind = textOf(mount, "type") === "bind" || has("bind", "rbind");
  return [
    {
      destination,
      source: isBind && source?.startsWith("/") ? source : undefined,
      isReadOnly: has("ro", "rro"),
    },
  ];
}

function textOf(object: unknown, key: string): string | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  const value: unknown = Reflect.get(object, key);
  return typeof value === "string" ? value : undefined;
}

/** A file system of its own, by its device. */
function isMounted(path: string): boolean {
  try {
    return statSync(path).dev !== statSync(dirname(path)).dev;
  } catch {
    return false;
  }
}

function toPoint({ destination, source, isReadOnly }: Mount, reference: string): MountPoint {
  return {
    destination,
    source: source === undefined ? undefined : openSource(source),
    isReadOnly,
    refusal: () =>
      new StatusError(
        "FailedPrecondition",
        `"${destination}" is mounted into container "${reference}" only while it runs`,
        source === undefined ? {} : { hint: `on the node it was "${source}"` },
      ),
  };
}

/** The runtime resolved its links before it mounted it: one that is there by now is not what was mounted. */
function openSource(path: string): MountPoint["source"] {
  const parts = partsOf(toLatin(path));
  const name = parts.pop() ?? ".";
  let parent = DirectoryHandle.at("/");
  try {
    for (const part of parts) {
      const next = parent.directory(part);
      parent.close();
      parent = next;
    }
    const stats = parent.stats(name);
    if (stats?.isDirectory() || stats?.isFile()) return { parent, name };
  } catch {
    // Gone, or a link.
  }
  parent.close();
  return undefined;
}
