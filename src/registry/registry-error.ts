import { type StatusCode, StatusError } from "../errors/status-error.ts";

/** A registry that refused or did not answer; the caller reads whether to try again or elsewhere. */
export class RegistryError extends StatusError {
  /** Host and port, never with credentials. */
  readonly registry: string;
  /** HTTP status; undefined where no answer came. */
  readonly httpStatus: number | undefined;
  /** The same request may succeed a moment later. */
  readonly isTransient: boolean;
  /** It speaks plain http where https was meant. */
  readonly isWrongScheme: boolean;
  /** As the registry asked for, with 429 and 503. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: StatusCode,
    message: string,
    facts: {
      registry: string;
      httpStatus?: number | undefined;
      isTransient?: boolean;
      isWrongScheme?: boolean;
      retryAfterMs?: number | undefined;
      cause?: unknown;
      hint?: string;
    },
  ) {
    super(code, message, {
      ...(facts.cause === undefined ? {} : { cause: facts.cause }),
      ...(facts.hint === undefined ? {} : { hint: facts.hint }),
    });
    this.name = "RegistryError";
    this.registry = facts.registry;
    this.httpStatus = facts.httpStatus;
    this.isTransient = facts.isTransient ?? false;
    this.isWrongScheme = facts.isWrongScheme ?? false;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
