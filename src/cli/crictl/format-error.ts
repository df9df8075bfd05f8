import { describe } from "../../errors/describe.ts";
import { StatusError } from "../../errors/status-error.ts";

/**
 * A failure as crictl's log has it: `ERRO[0000] …` on a terminal, else fields. What the runtime
 * refused bears gRPC's text, `rpc error: code = NotFound desc = …`, which scripts look for.
 */
export function formatCrictlError(error: unknown, isTty: boolean): string {
  const { message } = describe(error);
  const isOurs = !(error instanceof StatusError) || error.code === "InvalidArgument";
  const text = isOurs ? message : `rpc error: code = ${error.code} desc = ${message}`;
  if (isTty) return `ERRO[0000] ${text}`;
  const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  return `time="${time}" level=error msg=${JSON.stringify(text)}`;
}
