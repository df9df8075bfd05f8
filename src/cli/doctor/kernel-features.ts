import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { gunzipSync } from "node:zlib";
import { readIfPresent } from "../../host/read-if-present.ts";

/**
 * Whether the kernel has a module, loaded, built in or to be loaded when wanted, as far as its own
 * files tell; `option` without its CONFIG_. False is no proof of absence.
 */
export function hasKernelFeature(module: string, option: string): boolean {
  if (existsSync(`/sys/module/${module.replaceAll("-", "_")}`)) return true;
  const directory = `/lib/modules/${release()}`;
  const file = new RegExp(`/${module.replaceAll(/[-_]/g, "[-_]")}\\.ko`, "m");
  if (file.test(read(`${directory}/modules.builtin`))) return true;
  if (file.test(read(`${directory}/modules.dep`))) return true;
  // Built in: a module that is configured and not installed cannot be loaded.
  return new RegExp(`^CONFIG_${option}=y$`, "m").test(readKernelConfig());
}

function readKernelConfig(): string {
  try {
    return gunzipSync(readFileSync("/proc/config.gz")).toString("latin1");
  } catch {
    return read(`/boot/config-${release()}`);
  }
}

function read(path: string): string {
  return readIfPresent(path) ?? "";
}
