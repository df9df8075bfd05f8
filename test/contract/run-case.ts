import { type Cleanup, createCleanup } from "../support/cleanup.ts";
import type { ContractCase } from "./contract-case.ts";
import type { ContractSubject, ContractTarget } from "./contract-target.ts";
import { createWorld, type WorldOptions } from "./world.ts";

/** An opened subject, ready to run cases one after another. */
export interface ContractRun {
  readonly target: ContractTarget;
  runCase(contractCase: ContractCase): Promise<void>;
}

export async function openContractRun(
  subject: ContractSubject,
  targetCleanup: Cleanup,
): Promise<ContractRun> {
  const target = await subject.open(targetCleanup);
  const shared: WorldOptions["shared"] = {};
  return {
    target,
    async runCase(contractCase) {
      const deviation = subject.deviations[contractCase.title];
      const cleanup = createCleanup();
      const world = createWorld({ target, cleanup, deviation, shared, targetCleanup });
      const outcome = await settle(() => withinTime(contractCase.run(world)));
      const undone = await settle(() => withinTime(cleanup.run()));
      if (deviation !== undefined && deviation.code === undefined) {
        if (outcome.ok) throw new Error(`no longer deviates (${deviation.reason})`);
      } else if (!outcome.ok) {
        throw outcome.error;
      }
      if (!undone.ok) throw undone.error;
    },
  };
}

const CASE_TIMEOUT_MS = 45_000;

async function settle(
  work: () => Promise<void>,
): Promise<{ ok: true } | { ok: false; error: unknown }> {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  }
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no end after ${CASE_TIMEOUT_MS} ms`)),
      CASE_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
