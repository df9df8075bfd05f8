/** Started by describeCasesOnBun: runs the cases of a module, one line of JSON for each. */
import { type CaseVerdict, runCase, type TestCase } from "./test-case.ts";

process.on("unhandledRejection", (error) => {
  process.stderr.write(`unhandled: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});

const { CASES } = (await import(process.argv[2] ?? "")) as { CASES: readonly TestCase[] };
for (const testCase of CASES) {
  let verdict: CaseVerdict = { title: testCase.title };
  try {
    await runCase(testCase);
  } catch (error) {
    verdict = {
      ...verdict,
      error: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
    };
  }
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
}
