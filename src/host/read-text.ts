import { quickFiles } from "./quick-files.ts";

/** The text of a file, read without loading node:fs where that goes. Throws the system's errors. */
export function readText(path: string): string {
  const quick = quickFiles()?.readText(path);
  return quick ?? process.getBuiltinModule("node:fs").readFileSync(path, "utf8");
}
