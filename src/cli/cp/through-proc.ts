/**
 * A container's files through /proc/PID/root on the node: no tool of the image is needed, and root's
 * rights are those of docker cp. What the container does meanwhile is not trusted: its root is a
 * handle, and every path is walked through handles below it.
 */
import { readFile } from "node:fs/promises";
import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { DirectoryHandle } from "../../host/directory-handle.ts";
import type { Context } from "../context.ts";
import { getProcess } from "../processes/get-process.ts";
import type { ContainerSide } from "./container-side.ts";
import { rootSide } from "./root-side.ts";

/** Undefined where the node's /proc does not show the container to whoever runs this. */
export async function openThroughProc(
  context: Context,
  container: Container,
  reference: string,
): Promise<ContainerSide | undefined> {
  const { endpoint } = await context.backend();
  if (endpoint.startsWith("tcp:")) return undefined;
  const pid = await getProcess(context, container, reference);
  const root = await openRoot(pid, container.id);
  return root === undefined ? undefined : rootSide(root);
}

async function openRoot(pid: number, containerId: string): Promise<DirectoryHandle | undefined> {
  let root: DirectoryHandle;
  try {
    root = DirectoryHandle.at(`/proc/${pid}/root`);
  } catch {
    // Another user's process, or another node's.
    return undefined;
  }
  // Asked once the root is open: a number that is used anew by now is in another cgroup.
  const cgroups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
  if (cgroups.includes(containerId)) return root;
  root.close();
  return undefined;
}
