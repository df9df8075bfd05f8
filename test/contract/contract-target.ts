/**
 * test/contract: one suite over the `CriBackend` interface, run against every backend: the embedded
 * runtime in process (on Node and on Bun), `crish serve` over its socket, containerd with either
 * version of the protocol. A case is data, so that the same list runs under node:test and under
 * Bun, whose node:test works in its own runner only.
 *
 * Each RPC has at least success, repetition, unknown ID and invalid request; kind-exemptions.ts says
 * where one of them makes no sense, and suite.test.ts that none is missing.
 * What a backend lacks is no skip: it has a case that the call is refused with Unimplemented. Where a
 * backend deviates, its table says how and why, and the case holds it to that.
 */
import type { CriBackend } from "../../src/cri/backend.ts";
import type { ImageMethod, RuntimeMethod } from "../../src/cri/methods.ts";
import type { StatusCode } from "../../src/errors/status-error.ts";
import type { Cleanup } from "../support/cleanup.ts";
import type { TestRegistry } from "../support/registry.ts";
import type { ContractImages } from "./contract-images.ts";

/** What is known of a backend before it is opened. */
export interface ContractSubject {
  /** As printed with the counts: `embedded/node`. */
  readonly name: string;
  /** Calls that it refuses with Unimplemented. */
  readonly unimplemented: readonly Rpc[];
  /** By title of the case. */
  readonly deviations: Readonly<Record<string, Deviation>>;
  /** Runs the cases of these calls only; of all where absent. */
  readonly rpcs?: readonly Rpc[];
  /** Starts what is needed and pulls the images; all of it ends with the cleanup. */
  open(cleanup: Cleanup): Promise<ContractTarget>;
}

export type Rpc = RuntimeMethod | ImageMethod | "streams";

export interface Deviation {
  /** Why, as a fact about the backend. */
  readonly reason: string;
  /** The status code it answers with instead; without one the case must fail as it stands. */
  readonly code?: StatusCode;
}

/** An opened backend and what the cases use beside it. */
export interface ContractTarget {
  readonly backend: CriBackend;
  readonly registry: TestRegistry;
  readonly images: ContractImages;
  /** For logs and mounts. */
  readonly directory: string;
  /** Where pods are to have their cgroups. */
  readonly cgroupParent: string;
}
