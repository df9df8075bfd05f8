import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type CaseVerdict, runCase, type TestCase } from "./test-case.ts";

/** The cases as tests in this process. */
export function describeCases(title: string, cases: readonly TestCase[]): void {
  describe(title, () => {
    for (const testCase of cases) it(testCase.title, () => runCase(testCase));
  });
}

/**
 * The same cases as tests that wait for what a run in Bun says of them. `module` is the URL of a
 * module that exports them as `CASES`.
 */
export function describeCasesOnBun(
  title: string,
  cases: readonly TestCase[],
  module: string,
): void {
  describe(`${title}, on Bun`, () => {
    const verdicts = new Map<string, PromiseWithResolvers<void>>(
      cases.map((testCase) => [testCase.title, Promise.withResolvers()]),
    );
    for (const { promise } of verdicts.values()) promise.catch(() => undefined);
    const closed = Promise.withResolvers<number | string | null>();
    let bun: ChildProcess | undefined;
    before(() => {
      const runner = fileURLToPath(new URL("run-cases.ts", import.meta.url));
      const child = spawn("bun", [runner, fileURLToPath(module)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      bun = child;
      createInterface({ input: child.stdout }).on("line", (line) => {
        const { title: done, error } = JSON.parse(line) as CaseVerdict;
        const verdict = verdicts.get(done);
        if (error === undefined) verdict?.resolve();
        else verdict?.reject(new Error(error));
      });
      const end = (why: string) => {
        for (const { reject } of verdicts.values()) reject(new Error(why));
      };
      child.on("error", (error) => end(`bun: ${error.message}`));
      child.on("close", (code, signal) => {
        end(`bun ended with ${code ?? signal} before this case`);
        closed.resolve(code ?? signal);
      });
    });
    after(async () => {
      if (bun === undefined || bun.exitCode !== null || bun.signalCode !== null) return;
      const ended = once(bun, "exit");
      bun.kill("SIGTERM");
      await ended;
    });
    for (const testCase of cases) it(testCase.title, () => verdicts.get(testCase.title)?.promise);
    it("ends by itself, with nothing left that keeps it alive and no rejection unhandled", async () => {
      assert.equal(await closed.promise, 0);
    });
  });
}
