import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { sleep } from "../../../src/host/sleep.ts";
import { guardCall } from "../../../src/runtime/services/guard-call.ts";

const wait = guardCall(async (durationMs: number, { signal }) => {
  await sleep(durationMs, signal === undefined ? {} : { signal });
  return "done";
});

describe("a call of the embedded runtime", () => {
  it("tells the time that it had, and how to give it more", async () => {
    await assert.rejects(wait(10_000, { timeoutMs: 5 }), (error) => {
      assert.ok(hasCode(error, "DeadlineExceeded"));
      assert.match(error.message, /not done within 0\.005 s/);
      assert.match(error.hint ?? "", /--timeout/);
      return true;
    });
  });

  it("has no limit of more time than a timer holds", async () => {
    assert.equal(await wait(5, { timeoutMs: 1e12 }), "done");
  });

  it("does not begin when it was cancelled before", async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(wait(0, { signal }), (error) => hasCode(error, "Cancelled"));
  });
});
