/** How what the node calls so is called in the archive: one word of at most that many letters. */
export function fileName(name: string, length: number): string {
  return name
    .replace(/^sha256:/, "")
    .replaceAll(/[^\w.-]/g, "_")
    .slice(0, length);
}
