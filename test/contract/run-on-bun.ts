/**
 * Runs the suite against the embedded runtime inside Bun, without a test framework: one line of JSON
 * per case on standard output. Started by embedded.bun.test.ts.
 */
import { createCleanup } from "../support/cleanup.ts";
import { casesFor } from "./cases-for.ts";
import { embeddedSubject } from "./embedded-subject.ts";
import { openContractRun } from "./run-case.ts";
import { CLOSING, type Verdict } from "./verdict.ts";

const subject = embeddedSubject("bun");
const cleanup = createCleanup();
try {
  const run = await openContractRun(subject, cleanup);
  for (const contractCase of casesFor(subject)) {
    report(await judge(contractCase.title, () => run.runCase(contractCase)));
  }
} finally {
  report(await judge(CLOSING, () => cleanup.run()));
}

async function judge(title: string, work: () => Promise<void>): Promise<Verdict> {
  try {
    await work();
    return { title };
  } catch (error) {
    return { title, error: error instanceof Error ? (error.stack ?? error.message) : `${error}` };
  }
}

function report(verdict: Verdict): void {
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
