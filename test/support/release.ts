import { join, resolve } from "node:path";
import { hostTarget } from "../../scripts/release/targets.ts";
import type { Cleanup } from "./cleanup.ts";
import { runOk } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The release folder of this checkout, for this machine alone. */
export async function makeRelease(cleanup: Cleanup): Promise<string> {
  const output = join(await temporaryDirectory(cleanup, "release"), "release");
  await releaseInto(output, ROOT);
  return output;
}

/** The same, of any checkout and to any place. */
export async function releaseInto(output: string, checkout: string): Promise<void> {
  const args = ["scripts/release/release.ts", "--target", hostTarget().name, "--output", output];
  await runOk("node", args, { cwd: checkout, timeoutMs: 600_000 });
}
