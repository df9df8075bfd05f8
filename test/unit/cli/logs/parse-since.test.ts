import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseSince } from "../../../../src/cli/logs/parse-since.ts";

describe("the moment of --since", () => {
  const now = Date.UTC(2026, 0, 2, 12);
  it("is a duration before now", () => {
    assert.deepEqual(parseSince("1h30m", now), { seconds: now / 1000 - 5400, nanos: 0 });
    assert.deepEqual(parseSince("10", now), { seconds: now / 1000 - 10, nanos: 0 });
  });
  it("is a time with its zone, to the nanosecond", () => {
    assert.deepEqual(parseSince("2026-01-02T12:00:00.000000001+02:00", now), {
      seconds: now / 1000 - 7200,
      nanos: 1,
    });
  });
  it("is local where it has no zone", () => {
    const seconds = new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000;
    assert.deepEqual(parseSince("2026-01-02T03:04:05", now), { seconds, nanos: 0 });
    const midnight = new Date(2026, 0, 2).getTime() / 1000;
    assert.deepEqual(parseSince("2026-01-02", now), { seconds: midnight, nanos: 0 });
  });
  it("is Unix time", () => {
    assert.deepEqual(parseSince("1700000000.5", now), { seconds: 1_700_000_000, nanos: 5e8 });
  });
  it("is refused where it is none of these", () => {
    for (const text of ["yesterday", "2026-13-99", "10x"]) {
      assert.throws(() => parseSince(text, now), /neither a duration nor a time/);
    }
  });
});
