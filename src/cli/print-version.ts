import { CRISH_VERSION } from "./version.ts";

/** Answers `crish --version` by the cheapest way there is: opening process.stdout takes longer. */
export function printVersion(): void {
  console.log(`crish version ${CRISH_VERSION}`);
}
