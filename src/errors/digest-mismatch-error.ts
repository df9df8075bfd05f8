import { StatusError } from "./status-error.ts";

/** Bytes that are not what their digest says; the caller discards them. */
export class DigestMismatchError extends StatusError {
  readonly expected: string;
  readonly actual: string;

  constructor(what: string, digests: { expected: string; actual: string }) {
    super("DataLoss", `${what} has the digest "${digests.actual}", not "${digests.expected}"`, {
      hint: "the content was altered or damaged on its way; nothing of it was kept",
    });
    this.name = "DigestMismatchError";
    this.expected = digests.expected;
    this.actual = digests.actual;
  }
}
