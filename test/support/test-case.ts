import { type Cleanup, createCleanup } from "./cleanup.ts";

/** A test that runs in any runtime, without a test framework. */
export interface TestCase {
  readonly title: string;
  run(cleanup: Cleanup): Promise<void>;
}

/** What a run outside node:test says of one case. */
export interface CaseVerdict {
  readonly title: string;
  readonly error?: string;
}

/** Runs one case and undoes what it has set up. */
export async function runCase(testCase: TestCase): Promise<void> {
  const cleanup = createCleanup();
  try {
    await testCase.run(cleanup);
  } finally {
    await cleanup.run();
  }
}
