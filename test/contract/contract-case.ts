import type { Rpc } from "./contract-target.ts";
import type { World } from "./world.ts";

export interface ContractCase {
  /** The call under test. */
  readonly rpc: Rpc;
  /** A sentence of behaviour. */
  readonly title: string;
  run(world: World): Promise<void>;
}

/** `contractCase("stopPodSandbox", "an unknown pod is not an error", async (world) => { … })` */
export function contractCase(
  rpc: Rpc,
  title: string,
  run: (world: World) => Promise<void>,
): ContractCase {
  return { rpc, title: `${rpc}: ${title}`, run };
}
