import type { Engine } from "../engine.ts";
import { callRunc } from "../oci/runc.ts";
import { getRuntime } from "./runtime-handler.ts";

export interface HandlerFeatures {
  readonly recursiveReadOnlyMounts: boolean;
  readonly userNamespaces: boolean;
}

/** What `runc features` says of a handler's runtime; a runtime without that command has none of them. */
export async function readFeatures(engine: Engine, handler: string): Promise<HandlerFeatures> {
  const none = { recursiveReadOnlyMounts: false, userNamespaces: false };
  try {
    const text = await callRunc(getRuntime(engine, handler), ["features"], {
      action: "cannot read the features of the OCI runtime",
      logDirectory: engine.paths.state,
    });
    const { mountOptions = [] } = JSON.parse(text) as { mountOptions?: string[] };
    // Idmapped root file systems, which user namespaces need, come in a later step.
    return { ...none, recursiveReadOnlyMounts: mountOptions.includes("rro") };
  } catch (error) {
    engine.log.debug("no features of the OCI runtime", { handler, error: String(error) });
    return none;
  }
}
