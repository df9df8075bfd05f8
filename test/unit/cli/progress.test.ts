import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startProgress } from "../../../src/cli/progress.ts";
import { memoryOutput } from "../../support/memory-session.ts";

const LAYERS = [
  { digest: "sha256:a", phase: "exists", doneBytes: 0, totalBytes: 10_000_000 },
  { digest: "sha256:b", phase: "unpacking", doneBytes: 5_000_000, totalBytes: 5_000_000 },
  { digest: "sha256:c", phase: "downloading", doneBytes: 1_000_000, totalBytes: 5_000_000 },
] as const;

describe("progress", () => {
  it("is silent on a pipe and on a dumb terminal", async () => {
    for (const isTty of [false, true]) {
      const chunks: string[] = [];
      const progress = startProgress(memoryOutput(chunks, { isTty }), "Pulling x");
      progress.update({ layers: LAYERS });
      await progress.done();
      assert.deepEqual(chunks, []);
    }
  });

  it("draws bytes and layers on a terminal, within its width, and leaves the line empty", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const chunks: string[] = [];
    const stderr = memoryOutput(chunks, { isTty: true, canRedraw: true, columns: () => 60 });
    const progress = startProgress(stderr, "Pulling x");
    progress.update({ layers: LAYERS });
    t.mock.timers.tick(100);
    await progress.done();
    await progress.done();
    const drawn = chunks.at(-2)?.replace("\r\u001b[K", "") ?? "";
    assert.match(drawn, /^Pulling x {2}\[={19} {5}\] 16MB\/20MB {2}1\/3 /);
    assert.ok(drawn.length <= 59);
    assert.equal(chunks.at(-1), "\r\u001b[K");
  });

  it("tells the time alone where the backend tells nothing", async () => {
    const chunks: string[] = [];
    const stderr = memoryOutput(chunks, { isTty: true, canRedraw: true });
    const progress = startProgress(stderr, "Pulling x");
    await progress.done();
    assert.equal(chunks[0], "\r\u001b[KPulling x  0s");
  });
});
