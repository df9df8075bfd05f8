import { createMessage } from "../../../src/cri/create-message.ts";
import { ExecRequest } from "../../../src/cri/gen/runtime/v1/api.ts";

/** An exec of an in-process command with stdout and stderr. */
export function execRequest(cmd: string[], fields: Partial<ExecRequest> = {}): ExecRequest {
  const message = { containerId: "c", cmd, stdout: true, stderr: true, ...fields };
  return createMessage(ExecRequest, message);
}
