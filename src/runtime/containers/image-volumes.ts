import { mkdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { runProcess } from "../../host/run-process.ts";
import { resolveInsideRoot } from "../oci/read-inside-root.ts";
import type { SpecMount } from "../oci/runtime-spec.ts";

/**
 * A directory of the node for each volume that the image declares and no mount covers, holding what
 * the image has there. They live as long as the container.
 */
export async function prepareImageVolumes(
  volumes: Readonly<Record<string, object>>,
  options: { rootfs: string; directory: string; taken: readonly string[] },
): Promise<SpecMount[]> {
  const mounts: SpecMount[] = [];
  for (const declared of Object.keys(volumes)) {
    const destination = posix.normalize(declared).replace(/(.)\/$/, "$1");
    if (!destination.startsWith("/") || destination === "/") continue;
    if (options.taken.includes(destination)) continue;
    const source = join(options.directory, String(mounts.length));
    await mkdir(source, { recursive: true, mode: 0o755 });
    await copyContent(resolveInsideRoot(options.rootfs, destination), source);
    mounts.push({ destination, type: "bind", source, options: ["rbind", "rprivate", "rw"] });
  }
  return mounts;
}

async function copyContent(from: string, to: string): Promise<void> {
  const { exitCode, stderr } = await runProcess("cp", ["-a", "-T", from, to]);
  const message = stderr.toString();
  // A volume that the image only declares starts empty.
  if (exitCode === 0 || message.includes("No such file or directory")) return;
  throw new StatusError("Internal", `cannot fill the volume "${to}": ${message.trim()}`);
}
