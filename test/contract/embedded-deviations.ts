import type { Rpc } from "./contract-target.ts";

/** RPCs that the embedded runtime does not have yet, in process and through `crish serve`. */
export const EMBEDDED_UNIMPLEMENTED: readonly Rpc[] = ["checkpointContainer"];
