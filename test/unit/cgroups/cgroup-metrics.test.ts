import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Hierarchies } from "../../../src/runtime/cgroups/hierarchies.ts";
import { readCgroupMetrics } from "../../../src/runtime/cgroups/read-cgroup-metrics.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const CGROUP = "/pods/one";

describe("what a cgroup counts", () => {
  const cleanup = cleanupAfter();

  async function files(contents: Readonly<Record<string, string>>): Promise<string> {
    const directory = await temporaryDirectory(cleanup, "cgroup");
    for (const [file, text] of Object.entries(contents)) {
      const place = join(directory, CGROUP);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, file), text);
    }
    return directory;
  }

  it("is read from version 2", async () => {
    const mountPoint = await files({
      "cpu.stat": "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nthrottled_usec 7\n",
      "memory.stat": "file 4096\nkernel 512\nfile_mapped 100\npgfault 9\n",
      "memory.events": "low 0\nmax 3\noom_kill 1\n",
      "memory.peak": "9000\n",
      "pids.current": "5\n",
      "pids.max": "max\n",
      "hugetlb.2MB.current": "2097152\n",
      "io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n8:16\n",
      "cpu.pressure":
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=11\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
      "io.pressure": "some avg10=0.00 total=1\nfull avg10=0.00 total=0\n",
      "memory.pressure": "some avg10=0.00 total=2\nfull avg10=0.00 total=1\n",
    });
    const hierarchies: Hierarchies = {
      mode: "v2",
      all: [{ mountPoint, controllers: [], version: 2 }],
    };
    const figures = readCgroupMetrics(CGROUP, hierarchies);
    assert.deepEqual(
      [figures.cpuUserNs, figures.cpuSystemNs, figures.cfsPeriods, figures.cfsThrottledNs],
      [20_000n, 10_000n, 4n, 7000n],
    );
    assert.deepEqual(
      [figures.cacheBytes, figures.kernelBytes, figures.maxUsageBytes, figures.limitHits],
      [4096n, 512n, 9000n, 3n],
    );
    assert.deepEqual([figures.oomKills, figures.threads, figures.threadsLimit], [1n, 5n, 0n]);
    assert.equal(figures.hugePages[0]?.pageSize, "2MB");
    assert.deepEqual(figures.devices[0], {
      major: "8",
      minor: "0",
      readBytes: 1n,
      writeBytes: 2n,
      reads: 3n,
      writes: 4n,
    });
    assert.deepEqual(figures.pressure?.cpu, { waitingUs: 11n, stalledUs: 5n });
  });

  it("is read from version 1, pressure from the unified hierarchy beside it", async () => {
    const mountPoint = await files({
      "cpuacct.usage_user": "70\n",
      "cpuacct.usage_sys": "30\n",
      "cpu.stat": "nr_periods 4\nnr_throttled 2\nthrottled_time 9\n",
      "memory.stat": "cache 1\ntotal_cache 4096\ntotal_mapped_file 3\npgfault 9\n",
      "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
      "memory.failcnt": "6\n",
      "pids.max": "100\n",
      "blkio.throttle.io_service_bytes_recursive":
        "8:0 Read 5\n8:0 Write 6\n8:0 Total 11\nTotal 11\n",
      "blkio.throttle.io_serviced_recursive": "8:0 Read 1\n8:0 Write 2\nTotal 3\n",
    });
    const controllers = ["cpu", "cpuacct", "memory", "pids", "blkio", "hugetlb"];
    const hierarchies: Hierarchies = {
      mode: "hybrid",
      all: [
        { mountPoint, controllers, version: 1 },
        { mountPoint: "/nonexistent", controllers: [], version: 2 },
      ],
    };
    const figures = readCgroupMetrics(CGROUP, hierarchies);
    assert.deepEqual(
      [figures.cpuUserNs, figures.cpuSystemNs, figures.cfsThrottledPeriods, figures.cfsThrottledNs],
      [70n, 30n, 2n, 9n],
    );
    assert.deepEqual([figures.cacheBytes, figures.oomKills, figures.limitHits], [4096n, 2n, 6n]);
    assert.deepEqual([figures.threads, figures.threadsLimit], [0n, 100n]);
    assert.deepEqual(figures.devices[0], {
      major: "8",
      minor: "0",
      readBytes: 5n,
      writeBytes: 6n,
      reads: 1n,
      writes: 2n,
    });
    assert.deepEqual([figures.hugePages, figures.pressure], [[], undefined]);
  });

  it("is zero where there is no such cgroup", async () => {
    const mountPoint = await files({});
    const all = [{ mountPoint, controllers: [], version: 2 as const }];
    const figures = readCgroupMetrics(CGROUP, { mode: "v2", all });
    assert.deepEqual([figures.cpuUserNs, figures.devices, figures.pressure], [0n, [], undefined]);
  });
});
