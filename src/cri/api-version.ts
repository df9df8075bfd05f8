import { type StatusCode, StatusError } from "../errors/status-error.ts";
import type { ApiVersion } from "./parse-endpoint.ts";

/**
 * Which CRI package a server speaks, found out by the calls themselves: `v1` is tried first, so a
 * server that has it costs nothing; where it answers Unimplemented, the same call is made again as
 * `v1alpha2`, whose messages are wire-compatible. A method that neither package has stays
 * Unimplemented after those two, and v1, once seen to work, is never left.
 */
export interface ApiNegotiation {
  /** The packages to try for the next call, in order. */
  candidates(): readonly ApiVersion[];
  /** Records what came of a call: undefined for an answer. */
  settle(version: ApiVersion, error?: unknown): void;
}

export function negotiateApi(forced: ApiVersion | undefined): ApiNegotiation {
  let settled = forced;
  return {
    candidates() {
      if (forced !== undefined) return [forced];
      if (settled === "v1") return ["v1"];
      // A daemon may come back as a release that has dropped v1alpha2.
      return settled === "v1alpha2" ? ["v1alpha2", "v1"] : ["v1", "v1alpha2"];
    },
    settle(version, error) {
      if (error === undefined || hasAnswered(error)) settled = version;
    },
  };
}

/** Codes that only an implementation of the method gives, never a library or a proxy before it. */
const ANSWERS: readonly StatusCode[] = [
  "InvalidArgument",
  "NotFound",
  "AlreadyExists",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
];

function hasAnswered(error: unknown): boolean {
  return error instanceof StatusError && ANSWERS.includes(error.code);
}
