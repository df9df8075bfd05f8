import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toNetworkUsage } from "../../../src/runtime/stats/read-network-usage.ts";
import { toMemoryUsage, toSwapUsage } from "../../../src/runtime/stats/usage-messages.ts";

const FIGURES = {
  cpuUsageNs: 1n,
  memoryUsageBytes: 100n,
  workingSetBytes: 80n,
  rssBytes: 60n,
  memoryLimitBytes: 200n as bigint | undefined,
  pageFaults: 3n,
  majorPageFaults: 1n,
  swapUsageBytes: 5n as bigint | undefined,
  swapLimitBytes: 4n as bigint | undefined,
};

describe("figures", () => {
  it("say what memory is left only under a limit", () => {
    assert.equal(toMemoryUsage(FIGURES, 1n).availableBytes?.value, 120n);
    const unlimited = { ...FIGURES, memoryLimitBytes: undefined };
    assert.equal(toMemoryUsage(unlimited, 1n).availableBytes, undefined);
  });

  it("never say less than nothing, and nothing of swap that is not counted", () => {
    assert.equal(toSwapUsage(FIGURES, 1n)?.swapAvailableBytes?.value, 0n);
    assert.equal(toSwapUsage({ ...FIGURES, swapUsageBytes: undefined }, 1n), undefined);
  });

  it("read the devices of a network and leave loopback out", () => {
    const text = `Inter-|   Receive  |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0
  eth0:1234 5 1 0 0 0 0 0 5678 6 2 0 0 0 0 0
`;
    const usage = toNetworkUsage(text, 9n);
    assert.deepEqual(usage.interfaces, [
      {
        name: "eth0",
        rxBytes: { value: 1234n },
        rxErrors: { value: 1n },
        txBytes: { value: 5678n },
        txErrors: { value: 2n },
      },
    ]);
    assert.equal(usage.defaultInterface?.name, "eth0");
  });
});
