import type { StatusCode } from "../errors/status-error.ts";
import { RegistryError } from "./registry-error.ts";

const CODES: Readonly<Record<number, StatusCode>> = {
  400: "InvalidArgument",
  401: "Unauthenticated",
  403: "PermissionDenied",
  404: "NotFound",
  408: "Unavailable",
  429: "Unavailable",
};
const LONGEST_BODY_BYTES = 64 * 1024;
const LONGEST_RETRY_AFTER_MS = 60_000;

interface RefusalContext {
  readonly registry: string;
  readonly what: string;
  readonly purpose?: "pull" | "push";
  /** Whether there were credentials to send. */
  readonly hasCredentials?: boolean;
}

/** A refusal with the registry's own reason (distribution-spec, "Error Codes"). Consumes the body. */
export async function readErrorResponse(
  response: Response,
  context: RefusalContext,
): Promise<RegistryError> {
  const { registry, what } = context;
  const reason = await readReason(response);
  const status = response.status;
  const said = reason === "" ? `status ${status}` : `status ${status}: ${reason}`;
  const isTransient = status === 408 || status === 429 || status >= 500;
  return new RegistryError(
    CODES[status] ?? (status >= 500 ? "Unavailable" : "Unknown"),
    status === 404
      ? `the registry "${registry}" has no ${what} (${said})`
      : `the registry "${registry}" refused ${what} (${said})`,
    {
      registry,
      httpStatus: status,
      isTransient,
      retryAfterMs: isTransient ? parseRetryAfter(response.headers.get("retry-after")) : undefined,
      ...hintFor(status, context),
    },
  );
}

function hintFor(
  status: number,
  { purpose = "pull", hasCredentials = false }: RefusalContext,
): { hint?: string } {
  if (status === 403) return { hint: `the credentials do not allow to ${purpose} this image` };
  if (status === 401 && hasCredentials) {
    return {
      hint: `the credentials that were sent are wrong, or not for a ${purpose} of this image`,
    };
  }
  if (status === 401 && purpose === "push") {
    return { hint: "pushing needs credentials: log in with crish login, or give --username" };
  }
  if (status === 401) {
    return { hint: "the image may not exist, or needs credentials: see crish login" };
  }
  return {};
}

async function readReason(response: Response): Promise<string> {
  const size = Number(response.headers.get("content-length") ?? 0);
  const text = size > LONGEST_BODY_BYTES ? "" : await response.text().catch(() => "");
  try {
    const body: unknown = JSON.parse(text);
    const errors = isRecord(body) && Array.isArray(body.errors) ? body.errors : [];
    const first: unknown = errors[0];
    if (!isRecord(first)) return "";
    const message = typeof first.message === "string" ? first.message : String(first.code ?? "");
    return message.slice(0, 200);
  } catch {
    return "";
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Seconds or a date (RFC 9110, 10.2.3); undefined for neither. */
function parseRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined;
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(delayMs)
    ? Math.min(Math.max(delayMs, 0), LONGEST_RETRY_AFTER_MS)
    : undefined;
}
