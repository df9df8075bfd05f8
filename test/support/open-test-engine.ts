import { join } from "node:path";
import { type EngineOptions, openEngine } from "../../src/runtime/open-engine.ts";
import type { Cleanup } from "./cleanup.ts";
import { SILENT } from "./embedded-root.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** An engine on a root of its own, for tests of rooms below the contract. */
export async function openTestEngine(
  cleanup: Cleanup,
  options: Partial<EngineOptions> & { directory?: string } = {},
): Promise<Awaited<ReturnType<typeof openEngine>> & { directory: string }> {
  const directory = options.directory ?? (await temporaryDirectory(cleanup, "engine"));
  const engine = await openEngine({
    root: join(directory, "root"),
    state: join(directory, "state"),
    mode: "one-shot",
    log: SILENT,
    ...options,
  });
  cleanup.add("close the engine", () => engine.close());
  return { ...engine, directory };
}
