import { readFile } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import type { RuntimeSpec } from "../oci/runtime-spec.ts";
import { shimFiles } from "../shim/shim-files.ts";
import type { ContainerRecord } from "./container-record.ts";

/** The container's runtime specification; undefined after a reboot, which takes the bundle. */
export async function readSpec(
  engine: Engine,
  record: ContainerRecord,
): Promise<RuntimeSpec | undefined> {
  try {
    return JSON.parse(await readFile(shimFiles(engine.paths, record.id).spec, "utf8"));
  } catch {
    return undefined;
  }
}
