import { readFileSync } from "node:fs";

/** The text of a small file, as those below /proc; undefined where it cannot be read, whatever the reason. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
