import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTerminalTrace, keepTerminal } from "../../../../src/cli/logs/keep-terminal.ts";
import { memoryOutput } from "../../../support/memory-session.ts";

const CASES: readonly [title: string, written: string, undone: string][] = [
  ["nothing where nothing was changed", "plain\ntext \x1b[2K\x1b[3A", ""],
  ["colours", "\x1b[1;31mred", "\x1b[0m"],
  ["a hidden cursor", "\x1b[?25l", "\x1b[?25h"],
  [
    "the alternate screen and the mouse",
    "\x1b[?1049h\x1b[?1000;1006h",
    "\x1b[?1049l\x1b[?1000l\x1b[?1006l",
  ],
  [
    "nothing of what the container took back itself",
    "\x1b[?25l…\x1b[?25h\x1b[?1049h\x1b[?1049l",
    "",
  ],
  ["the scrolling region and the set of characters", "\x1b[2;10r\x0e", "\x0f\x1b[r"],
];

describe("a terminal on which logs were followed", () => {
  for (const [title, written, undone] of CASES) {
    it(`gets back ${title}`, () => {
      for (const step of [1, 3, 1000]) {
        const trace = createTerminalTrace();
        const bytes = Buffer.from(written);
        for (let at = 0; at < bytes.length; at += step) trace.see(bytes.subarray(at, at + step));
        assert.equal(trace.undo(), undone);
      }
    });
  }

  it("is written to once more only where it is one, and is followed on", async () => {
    for (const [isTty, isFollowed, written] of [
      [true, true, "\x1b[31mred\x1b[0m"],
      [true, false, "\x1b[31mred"],
      [false, true, "\x1b[31mred"],
    ] as const) {
      const chunks: string[] = [];
      const output = memoryOutput(chunks, { isTty });
      const kept = keepTerminal({ stdout: output, stderr: output }, { isFollowed });
      await kept.outputs.stdout.write(Buffer.from("\x1b[31mred"));
      await kept.restore();
      assert.equal(chunks.join(""), written);
    }
  });
});
