import { StatusError } from "../../errors/status-error.ts";
import { hasJsonStatus } from "./protocols.ts";

/** More than that on the error channel is an attack. */
const MAX_STATUS_BYTES = 65_536;

/** How a remote command ended: its own status, or why it could not be run or watched. */
export type CommandStatus =
  | { readonly exitCode: number }
  | { readonly failure: string; readonly httpStatus: number };

/** The metav1.Status that v4 and later send on the error channel. */
export function formatCommandStatus(status: CommandStatus): string {
  if ("failure" in status) {
    return JSON.stringify({
      metadata: {},
      status: "Failure",
      message: status.failure,
      reason: "InternalError",
      details: { causes: [{ message: status.failure }] },
      code: status.httpStatus,
    });
  }
  if (status.exitCode === 0) return JSON.stringify({ metadata: {}, status: "Success" });
  return JSON.stringify({
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${status.exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(status.exitCode) }] },
  });
}

/** For what the error channel has carried so far. Throws Internal. */
export function requireShortStatus(sizeBytes: number): void {
  if (sizeBytes > MAX_STATUS_BYTES) throw new StatusError("Internal", "status is too long");
}

/** What all that the error channel carried means. Throws Unavailable where it ended too early. */
export function readCommandStatus(protocol: string, text: string): CommandStatus {
  if (!hasJsonStatus(protocol)) {
    return text === "" ? { exitCode: 0 } : { failure: text, httpStatus: 500 };
  }
  if (text !== "") return parseCommandStatus(text);
  throw new StatusError("Unavailable", "connection broke before the command's status arrived");
}

/** Reads the JSON that the error channel carried. Throws Internal where it is not a metav1.Status. */
export function parseCommandStatus(text: string): CommandStatus {
  const status = parseObject(text);
  if (status.status === "Success") return { exitCode: 0 };
  if (status.status !== "Failure") throw unreadable(text);
  const message = typeof status.message === "string" ? status.message : "no reason given";
  const httpStatus = typeof status.code === "number" ? status.code : 500;
  if (status.reason !== "NonZeroExitCode") return { failure: message, httpStatus };
  const exitCode = exitCodeOf(status.details);
  if (exitCode === undefined) throw unreadable(text);
  return { exitCode };
}

/** What the server says of a command that it could not run. */
export function commandFailure({
  failure,
  httpStatus,
}: Extract<CommandStatus, { failure: string }>): StatusError {
  const hasNoProgram = /executable file not found|no such file or directory/i.test(failure);
  if (hasNoProgram || httpStatus === 404) return new StatusError("NotFound", failure);
  const isForbidden = /permission denied/i.test(failure);
  if (isForbidden || httpStatus === 403) return new StatusError("PermissionDenied", failure);
  if (httpStatus === 400) return new StatusError("InvalidArgument", failure);
  if (httpStatus === 412) return new StatusError("FailedPrecondition", failure);
  if (httpStatus === 504) return new StatusError("DeadlineExceeded", failure);
  return new StatusError("Unknown", failure);
}

/** True when the text is a whole JSON document, so that no more of the status can come. */
export function isWholeStatus(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function exitCodeOf(details: unknown): number | undefined {
  const causes = isObject(details) ? details.causes : undefined;
  if (!Array.isArray(causes)) return undefined;
  for (const cause of causes) {
    if (!isObject(cause) || cause.reason !== "ExitCode") continue;
    const message = cause.message;
    if (typeof message === "string" && /^-?\d{1,10}$/.test(message)) return Number(message);
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(text, cause);
  }
  if (!isObject(value)) throw unreadable(text);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(text: string, cause?: unknown): StatusError {
  const start = JSON.stringify(text.slice(0, 120));
  return new StatusError("Internal", `status of the command cannot be read: ${start}`, { cause });
}
