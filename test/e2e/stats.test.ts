import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { waitUntil } from "../support/wait-until.ts";

describe("stats of a busy container", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let id: string;
  let pid: number;
  before(async () => {
    target = await embeddedCli(cleanup);
    const script = "dd if=/dev/zero of=/dev/shm/held bs=1M count=30; while :; do :; done";
    id = await target.runDetached("busy", ["sh", "-c", script]);
    const { info } = JSON.parse(await target.out(["inspect", id]));
    pid = (typeof info?.info === "string" ? JSON.parse(info.info) : info).pid;
    assert.ok(pid > 0);
    await waitUntil("it holds its memory", async () => (await workingSet()) > 30 << 20);
  });

  it("memory is within 20 % of what its cgroup says", async () => {
    const { memory } = await statsOf();
    const expected = await workingSet();
    within(Number(memory.workingSetBytes.value), expected, "working set");
  });

  it("CPU time is what its cgroup says", async () => {
    for (let sample = 0; sample < 3; sample++) {
      const before = await cpuNanoseconds();
      const told = Number((await statsOf()).cpu.usageCoreNanoSeconds.value);
      const after = await cpuNanoseconds();
      assert.ok(before <= told && told <= after, `${told} between ${before} and ${after}`);
    }
  });

  it("the CPU share in the table is within 20 % of what its cgroup says", async () => {
    // What else runs here may take its share from it before and after the two samples.
    await waitUntil(
      "they agree",
      async () => {
        const cgroupBefore = await cpuNanoseconds();
        const startedAt = Date.now();
        const row = (await target.out(["stats", "-s", "2", "--id", id])).split("\n")[1] ?? "";
        const share = (await cpuNanoseconds()) - cgroupBefore;
        const elapsed = (Date.now() - startedAt) * 1e6;
        const shown = Number(/\b(\d+\.\d+)\b/.exec(row.slice(13))?.[1]);
        within(shown, (share / elapsed) * 100, `CPU % in: ${row}`);
        return true;
      },
      { timeoutMs: 40_000 },
    );
  });

  async function statsOf() {
    const { stats } = JSON.parse(await target.out(["stats", "-o", "json", "--id", id]));
    assert.equal(stats.length, 1);
    return stats[0];
  }

  async function cgroupPath(controller: string): Promise<string> {
    const lines = (await readFile(`/proc/${pid}/cgroup`, "utf8")).split("\n");
    const line = lines.find((text) => text.split(":")[1]?.split(",").includes(controller));
    const own = line ?? lines.find((text) => text.startsWith("0::")) ?? "";
    const base = line === undefined ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${controller}`;
    return base + own.split(":")[2];
  }

  async function workingSet(): Promise<number> {
    const path = await cgroupPath("memory");
    const read = (name: string) => readFile(`${path}/${name}`, "utf8");
    const usage = Number(await read("memory.usage_in_bytes").catch(() => read("memory.current")));
    const inactive = /(?:total_inactive_file|^inactive_file) (\d+)/m.exec(
      await read("memory.stat"),
    );
    return usage - Number(inactive?.[1] ?? 0);
  }

  async function cpuNanoseconds(): Promise<number> {
    const path = await cgroupPath("cpuacct");
    const usage = await readFile(`${path}/cpuacct.usage`, "utf8").catch(() => undefined);
    if (usage !== undefined) return Number(usage);
    const stat = await readFile(`${path}/cpu.stat`, "utf8");
    return Number(/usage_usec (\d+)/.exec(stat)?.[1]) * 1_000;
  }
});

function within(actual: number, expected: number, what: string): void {
  const deviation = Math.abs(actual - expected) / expected;
  assert.ok(deviation <= 0.2, `${what}: ${actual} instead of ${expected}`);
}
