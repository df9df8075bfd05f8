import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseLogOutput } from "../../../src/runtime/shim/parse-log-output.ts";

const TIME = "2026-11-23T13:12:32.527222836+00:00";

describe("the output in a log", () => {
  it("is given back byte for byte, each stream by itself", () => {
    const log = Buffer.concat([
      Buffer.from(`${TIME} stdout F one\n${TIME} stderr P half\n${TIME} stdout F \n`),
      Buffer.from(`${TIME} stdout P `),
      Buffer.from([0xff, 0x00, 0x20]),
      Buffer.from("\n"),
    ]);
    const { stdout, stderr } = parseLogOutput(log);
    assert.deepEqual(stdout, Buffer.from([...Buffer.from("one\n\n"), 0xff, 0x00, 0x20]));
    assert.equal(stderr.toString(), "half");
  });

  it("is empty for an empty log", () => {
    assert.deepEqual(parseLogOutput(Buffer.alloc(0)).stdout, Buffer.alloc(0));
  });
});
