/**
 * The files of a container that does not run, through its root file system where the runtime leaves it
 * mounted, as the embedded one does. What was mounted inside it for the container is not there.
 */
import { statSync } from "node:fs";
import { dirname, isAbsolute, posix } from "node:path";
import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { DirectoryHandle } from "../../host/directory-handle.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import type { ContainerSide } from "./container-side.ts";
import { partsOf } from "./resolve-inside.ts";
import { rootSide } from "./root-side.ts";

/** Throws FailedPrecondition where it is not mounted on this node, and for paths of mounts. */
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
  const side = rootSide(DirectoryHandle.at(root));
  const refuse = (path: string) => refuseMount(path, mounts, reference);
  return {
    read(path, options) {
      refuse(path);
      return side.read(path, options);
    },
    async write(path, source, options) {
      refuse(path);
      await side.write(path, source, options);
    },
    async extract(path, archive, options) {
      refuse(path);
      await side.extract(path, archive, options);
    },
    close: () => side.close(),
  };
}

interface SpecParts {
  /** Absolute. */
  readonly root: string | undefined;
  readonly mounts: readonly Mount[];
}

interface Mount {
  readonly destination: string;
  readonly source: string | undefined;
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
    mounts: mounts.flatMap((mount: unknown) => {
      const destination = textOf(mount, "destination");
      const source = textOf(mount, "source");
      if (destination === undefined) return [];
      return [{ destination, source: source?.startsWith("/") ? source : undefined }];
    }),
  };
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

/** Below a mount lies what the image has there, which nobody means. Links that lead there are not seen. */
function refuseMount(path: string, mounts: readonly Mount[], reference: string): void {
  const parts = partsOf(posix.normalize(`/${path}`));
  const isInside = ({ destination }: Mount) =>
    partsOf(destination).every((part, index) => parts[index] === part);
  // The innermost comes last.
  const mount = mounts.findLast(isInside);
  if (mount === undefined) return;
  const { destination, source } = mount;
  throw new StatusError(
    "FailedPrecondition",
    `"${destination}" is mounted into container "${reference}" only while it runs`,
    source === undefined ? {} : { hint: `on the node it is "${source}"` },
  );
}
