import { StatusError } from "../../errors/status-error.ts";
import { getExecutable } from "../../host/find-executable.ts";
import type { Engine } from "../engine.ts";
import type { Runc } from "../oci/runc.ts";

/** The OCI runtime behind a handler's name; the empty name is the default. InvalidArgument for an unknown one, NotFound where its program is not installed. */
export function getRuntime(engine: Engine, handler: string): Runc {
  const found = engine.config.handlers[handler];
  if (found === undefined) {
    throw new StatusError("InvalidArgument", `no runtime handler "${handler}" is configured`);
  }
  // The shim demands an absolute path.
  return { path: getExecutable(found.path), root: engine.paths.runc };
}
