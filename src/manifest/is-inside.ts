/** Whether a path stays below where it is put. */
export function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}
