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

/** What hangs is told by name, long before the whole file is given up. */
const HANG_MS = 120_000;

/** Runs one case and undoes what it has set up. */
export async function runCase(testCase: TestCase): Promise<void> {
  const cleanup = createCleanup();
  const hang = Promise.withResolvers<never>();
  const timer = setTimeout(() => hang.reject(new Error(`no end after ${HANG_MS} ms`)), HANG_MS);
  try {
    await Promise.race([testCase.run(cleanup), hang.promise]);
  } finally {
    clearTimeout(timer);
    await cleanup.run();
  }
}
