import type { Rpc } from "./contract-target.ts";
import type { World } from "./world.ts";

/** What every RPC must have a case of; suite.test.ts holds the suite to it. */
export const CASE_KINDS = ["success", "repetition", "unknown", "invalid"] as const;

/**
 * What a case shows of its call: that it does its work, what the same call again gives, what it says
 * of an object that is not there, what it says of a request that makes no sense.
 */
export type CaseKind = (typeof CASE_KINDS)[number];

export interface ContractCase {
  /** The call under test. */
  readonly rpc: Rpc;
  /** None of them where it shows some further behaviour. */
  readonly kinds: readonly CaseKind[];
  /** A sentence of behaviour. */
  readonly title: string;
  run(world: World): Promise<void>;
}

/** `contractCase("stopPodSandbox", ["unknown"], "an unknown pod is not an error", async (world) => { … })` */
export function contractCase(
  rpc: Rpc,
  kinds: readonly CaseKind[],
  title: string,
  run: (world: World) => Promise<void>,
): ContractCase {
  return { rpc, kinds, title: `${rpc}: ${title}`, run };
}
