import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { it } from "node:test";
import { runShell } from "../../../src/repl/run-shell.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

/**
 * Runs a shell on a terminal where this is typed. A Ctrl-C comes whenever the terminal's own
 * mode is put back, as a signal then, and not as a key.
 */
async function shellWithInterrupts(keys: string): Promise<{ status: number; written: string }> {
  const written: string[] = [];
  const stdin = new PassThrough();
  stdin.write(keys);
  let onInterrupt = () => false;
  const { session } = memorySession(
    async () => {
      throw new Error("no backend");
    },
    {
      stdin: memoryInput({
        isTty: true,
        stream: () => stdin,
        enterRawMode: () => () => void onInterrupt(),
      }),
      stdout: memoryOutput(written, {
        isTty: true,
        canRedraw: true,
        async *sizes() {
          yield { columns: 80, rows: 24 };
        },
      }),
      stderr: memoryOutput(written),
      takeInterrupts(handler) {
        const before = onInterrupt;
        onInterrupt = handler;
        return () => {
          onInterrupt = before;
        };
      },
    },
  );
  return { status: await runShell({ session }), written: written.join("") };
}

it("Ctrl-C as soon as it is a signal ends the line that was entered, and nothing else", async () => {
  const { status, written } = await shellWithInterrupts("echo not-run | tr n-r N-R\r\x04");
  assert.equal(status, 130);
  assert.doesNotMatch(written, /NOt-RuN/);
  assert.match(written, /\[130\]>/);
});
