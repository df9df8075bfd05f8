import { describe } from "../../errors/describe.ts";
import { hasCode } from "../../errors/status-error.ts";
import { type Finding, fail, unchecked } from "./finding.ts";

/** A failure as a finding, its hint as the fix; missing rights are no fault of the node. */
export function findingOf(id: string, error: unknown): Finding {
  const { message, hint } = describe(error);
  if (hasCode(error, "PermissionDenied")) {
    return unchecked(id, message, hint ?? "run crish doctor as root to see more");
  }
  return fail(id, message, hint);
}
