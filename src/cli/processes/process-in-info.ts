/**
 * The PID of the main process in the verbose status of a container or a pod, as containerd, CRI-O
 * and the embedded runtime tell it; undefined where none runs.
 */
export function processInInfo(info: string | undefined): number | undefined {
  const parsed: unknown = JSON.parse(info ?? "null");
  if (typeof parsed !== "object" || parsed === null || !("pid" in parsed)) return undefined;
  return typeof parsed.pid === "number" && parsed.pid > 0 ? parsed.pid : undefined;
}
