import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Signal } from "../../../src/cri/gen/runtime/v1/api.ts";
import { fromCriSignal, parseSignal, toCriSignal } from "../../../src/runtime/oci/signals.ts";

describe("stop signals", () => {
  it("are read by name, with and without SIG, by number and as real-time signals", () => {
    const texts = ["TERM", "sigkill", "15", "SIGRTMIN+3", "RTMAX-1", "SIGRTMIN"];
    assert.deepEqual(texts.map(parseSignal), [15, 9, 15, 37, 63, 34]);
  });

  it("are refused when there is no such signal", () => {
    for (const text of ["", "SIGNOPE", "0", "65", "-9", "SIGRTMIN+40", "1.5"]) {
      assert.throws(() => parseSignal(text), { code: "InvalidArgument" });
    }
  });

  it("go to CRI's names and back", () => {
    assert.equal(fromCriSignal(Signal.RUNTIME_DEFAULT), undefined);
    for (const signal of [Signal.SIGTERM, Signal.SIGRTMINPLUS3, Signal.SIGRTMAX, Signal.SIGQUIT]) {
      assert.equal(toCriSignal(fromCriSignal(signal) ?? 0), signal);
    }
  });
});
