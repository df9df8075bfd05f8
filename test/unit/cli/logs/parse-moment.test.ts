import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseMoment } from "../../../../src/cli/logs/parse-moment.ts";

describe("the moment of --since and --until", () => {
  const now = Date.UTC(2026, 0, 2, 12);
  it("is a duration before now", () => {
    assert.deepEqual(parseMoment("1h30m", now, "--since"), {
      seconds: now / 1000 - 5400,
      nanos: 0,
    });
    assert.deepEqual(parseMoment("10", now, "--since"), { seconds: now / 1000 - 10, nanos: 0 });
  });
  it("is a time with its zone, to the nanosecond", () => {
    assert.deepEqual(parseMoment("2026-01-02T12:00:00.000000001+02:00", now, "--since"), {
      seconds: now / 1000 - 7200,
      nanos: 1,
    });
  });
  it("is local where it has no zone", () => {
    const seconds = new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000;
    assert.deepEqual(parseMoment("2026-01-02T03:04:05", now, "--since"), { seconds, nanos: 0 });
    const midnight = new Date(2026, 0, 2).getTime() / 1000;
    assert.deepEqual(parseMoment("2026-01-02", now, "--since"), { seconds: midnight, nanos: 0 });
  });
  it("is Unix time", () => {
    assert.deepEqual(parseMoment("1700000000.5", now, "--since"), {
      seconds: 1_700_000_000,
      nanos: 5e8,
    });
  });
  it("is refused where it is none of these", () => {
    for (const text of ["yesterday", "2026-13-99", "10x"]) {
      assert.throws(() => parseMoment(text, now, "--until"), /neither a duration nor a time/);
    }
  });
});
