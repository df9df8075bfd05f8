import { basename } from "node:path";
import type { HandlerConfig, RuntimeConfig } from "./runtime-config.ts";

const DEFAULT: HandlerConfig = { path: "runc", type: "runc" };

/**
 * The handlers of the configuration file and the default one, which the name of its program means as
 * well, as `--runtime runc` does on other runtimes; unless the file has a handler of that name.
 */
export function completeHandlers(file: RuntimeConfig["handlers"] = {}): RuntimeConfig["handlers"] {
  const byDefault = file[""] ?? DEFAULT;
  return { "": byDefault, [basename(byDefault.path)]: byDefault, ...file };
}
