import { after, before, describe, it } from "node:test";
import { createCleanup } from "../support/cleanup.ts";
import { casesFor } from "./cases-for.ts";
import type { ContractCase } from "./contract-case.ts";
import type { ContractSubject } from "./contract-target.ts";
import { type ContractRun, openContractRun } from "./run-case.ts";

/** Runs every case against the subject under node:test and prints the counts at the end. */
export function describeCriContract(subject: ContractSubject): void {
  const cleanup = createCleanup();
  let run: ContractRun | undefined;
  describeCounted(subject, {
    async open() {
      run = await openContractRun(subject, cleanup);
    },
    async runCase(contractCase) {
      if (run === undefined) throw new Error("the backend was not opened");
      await run.runCase(contractCase);
    },
    close: () => cleanup.run(),
  });
}

export interface CaseRunner {
  open(): Promise<void>;
  runCase(contractCase: ContractCase): Promise<void>;
  /** Idempotent; rejects when something is left behind. */
  close(): Promise<void>;
}

/** The frame around the cases: one test per case, one for the end, and the line of counts. */
export function describeCounted(subject: ContractSubject, runner: CaseRunner): void {
  describe(`CRI contract: ${subject.name}`, () => {
    const count = { passed: 0, failed: 0 };
    before(() => runner.open());
    after(async () => {
      process.stderr.write(
        `contract ${subject.name}: ${count.passed} passed, ${count.failed} failed\n`,
      );
      await runner.close(); // again, where the tests were cut short
    });
    const counted = async (work: () => Promise<void>): Promise<void> => {
      count.failed++;
      await work();
      count.failed--;
      count.passed++;
    };
    for (const contractCase of casesFor(subject)) {
      it(titleOf(subject, contractCase), () => counted(() => runner.runCase(contractCase)));
    }
    it("closes and leaves nothing behind", () => counted(() => runner.close()));
  });
}

function titleOf(subject: ContractSubject, contractCase: ContractCase): string {
  const deviation = subject.deviations[contractCase.title];
  return deviation === undefined
    ? contractCase.title
    : `${contractCase.title} [deviates: ${deviation.reason}]`;
}
