import { StatusError } from "../../errors/status-error.ts";
import type { Context } from "../context.ts";

/** Throws FailedPrecondition where the runtime is on another node, whose processes cannot be seen. */
export async function requireThisNode(context: Context, what: string): Promise<void> {
  const { endpoint } = await context.backend();
  if (!endpoint.startsWith("tcp:")) return;
  throw new StatusError("FailedPrecondition", `${what} on another node, behind "${endpoint}"`, {
    hint: "run crish on that node",
  });
}
