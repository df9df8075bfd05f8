import { StatusError } from "../../errors/status-error.ts";
import type { Engine } from "../engine.ts";
import { isReady } from "./sandbox.ts";
import { getSandbox } from "./sandbox-store.ts";

/**
 * Throws FailedPrecondition unless the pod is ready, NotFound where there is none. A container asks
 * again once it is recorded: a stop marks the pod before it looks for containers, so none slips in.
 */
export function assertSandboxReady(engine: Engine, id: string): void {
  if (isReady(getSandbox(engine, id), engine.self.bootId)) return;
  throw new StatusError("FailedPrecondition", `the pod "${id}" is not ready`, {
    hint: "a stopped pod takes no containers: run a new one",
  });
}
