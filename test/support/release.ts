import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sourceIdentity } from "../../scripts/release/source-identity.ts";
import { hostTarget } from "../../scripts/release/targets.ts";
import { CACHE } from "./checkout.ts";
import type { Cleanup } from "./cleanup.ts";
import { runOk } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const KEPT = join(CACHE, "release");

/**
 * The release folder of this checkout, for this machine alone; not to be written to. Made once for all
 * test files where no file differs from the commit.
 */
export async function makeRelease(cleanup: Cleanup): Promise<string> {
  const { commit } = sourceIdentity(ROOT);
  const kept = join(KEPT, commit);
  if (existsSync(kept)) return kept;
  const output = join(await temporaryDirectory(cleanup, "release"), "release");
  await releaseInto(output, ROOT);
  if (!/^[0-9a-f]+$/.test(commit)) return output;
  await rm(KEPT, { recursive: true, force: true });
  await mkdir(KEPT, { recursive: true });
  const copy = join(KEPT, ".unfinished");
  await runOk("cp", ["-a", output, copy]);
  await rename(copy, kept);
  return kept;
}

/** The same, of any checkout and to any place, made anew. */
export async function releaseInto(output: string, checkout: string, umask = "022"): Promise<void> {
  const args = ["scripts/release/release.ts", "--target", hostTarget().name, "--output", output];
  const script = 'umask "$0"; exec node "$@"';
  await runOk("sh", ["-c", script, umask, ...args], { cwd: checkout, timeoutMs: 600_000 });
}
