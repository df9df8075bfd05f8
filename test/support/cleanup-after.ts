import { after } from "node:test";
import { type Cleanup, createCleanup } from "./cleanup.ts";

/** A cleanup that runs when the tests of the file or of the surrounding `describe` are over. */
export function cleanupAfter(): Cleanup {
  const cleanup = createCleanup();
  after(() => cleanup.run());
  return cleanup;
}
