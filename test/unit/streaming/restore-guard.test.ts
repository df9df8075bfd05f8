import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { guardRestoration } from "../../../src/streaming/restore-guard.ts";

const GUARD = new URL("../../../src/streaming/restore-guard.ts", import.meta.url).href;

describe("what is put back at the end of the process", () => {
  it("stays as it is at a signal that somebody else handles, and the process goes on", () => {
    const restored: string[] = [];
    const handle = () => restored.push("handled");
    process.on("SIGINT", handle);
    const lifts = ["outer", "inner"].map((name) => guardRestoration(() => restored.push(name)));
    try {
      process.emit("SIGINT", "SIGINT");
      assert.deepEqual(restored, ["handled"]);
    } finally {
      for (const lift of lifts) lift();
      process.off("SIGINT", handle);
    }
    assert.equal(process.listenerCount("SIGINT"), 0);
  });

  for (const [how, end] of [
    ["a signal that nobody handles", "process.kill(process.pid, 'SIGTERM')"],
    [
      "a signal whose handler ends it",
      "process.on('SIGTERM', () => process.exit(7)); process.kill(process.pid, 'SIGTERM')",
    ],
    ["its own end", "process.exit(7)"],
  ] as const) {
    it(`is put back once each at ${how}`, async () => {
      const code = `
        import { guardRestoration } from ${JSON.stringify(GUARD)};
        for (const name of ["outer", "inner"]) guardRestoration(() => console.log(name));
        setInterval(() => {}, 1000);
        ${end};`;
      const { error, stdout } = await new Promise<{ error: unknown; stdout: string }>((resolve) => {
        const args = ["--input-type=module", "-e", code];
        execFile(process.execPath, args, (error, stdout) => resolve({ error, stdout }));
      });
      assert.deepEqual(stdout.trim().split("\n").sort(), ["inner", "outer"]);
      const { code: status, signal } = error as { code: unknown; signal: unknown };
      if (how === "a signal that nobody handles") assert.equal(signal, "SIGTERM");
      else assert.equal(status, 7);
    });
  }
});
