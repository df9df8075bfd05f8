import type { PortForwardSession } from "../../cri/backend.ts";
import type { PortForwardRequest } from "../../cri/gen/runtime/v1/api.ts";
import type { Engine } from "../engine.ts";
import { assertSandboxReady } from "../sandboxes/assert-sandbox-ready.ts";
import { getSandbox, resolveSandboxId } from "../sandboxes/sandbox-store.ts";
import { openDialSession } from "../shim/dial-session.ts";
import { reopenedSession } from "./reopened-session.ts";

/**
 * Opens a session into the pod's network: NotFound for an unknown pod, FailedPrecondition for a stopped
 * one. A connection asks again: when the pod has gone, so does the helper, which holds its namespace.
 */
export async function openPortForward(
  engine: Engine,
  request: PortForwardRequest,
): Promise<PortForwardSession> {
  const id = resolveSandboxId(engine, request.podSandboxId) ?? request.podSandboxId;
  const session = await reopenedSession(async () => {
    const sandbox = getSandbox(engine, id);
    assertSandboxReady(engine, id);
    return await openDialSession(sandbox.namespaces.network);
  });
  return {
    async connect(port) {
      try {
        assertSandboxReady(engine, id);
      } catch (error) {
        await session.close();
        throw error;
      }
      return await session.connect(port);
    },
    close: () => session.close(),
  };
}
