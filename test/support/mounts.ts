import { readFile } from "node:fs/promises";

/** Mount points of this mount namespace at or below the directory, innermost last. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text
    .split("\n")
    .map((line) => decodeOctal(line.split(" ")[4] ?? ""))
    .filter((point) => point === directory || point.startsWith(`${directory}/`));
}

/** Spaces, tabs, newlines and backslashes stand as octal escapes in the kernel's tables. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
