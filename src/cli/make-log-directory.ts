import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";

/** Makes the directory of a pod's logs on this node. */
export async function makeLogDirectory(path: string): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  try {
    await mkdir(path, { recursive: true, mode: 0o755 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isRefused = code === "EACCES" || code === "EPERM";
    throw new StatusError(
      isRefused ? "PermissionDenied" : "FailedPrecondition",
      `cannot make the log directory "${path}": ${errnoText(error)}`,
      isRefused ? { hint: "run as root" } : {},
    );
  }
}
