import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { unmountBelow } from "./unmount-below.ts";

/** A new directory under the system's own, removed by the cleanup with whatever is mounted below. */
export async function temporaryDirectory(cleanup: Cleanup, name = "test"): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `crish-${name}-`));
  await chmod(path, 0o755);
  cleanup.add(`remove ${path}`, async () => {
    await unmountBelow(path);
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  });
  return path;
}
