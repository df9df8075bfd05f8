import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  cpuWeight,
  periodAndQuota,
  swapOnly,
} from "../../../src/runtime/cgroups/convert-limits.ts";
import { findHierarchy, parseHierarchies } from "../../../src/runtime/cgroups/hierarchies.ts";

const V2 = "29 23 0:25 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const V1 = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
`;
const UNIFIED = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

describe("cgroup hierarchies", () => {
  it("tells v1, hybrid and v2 nodes apart", () => {
    assert.equal(parseHierarchies(V1).mode, "v1");
    assert.equal(parseHierarchies(V1 + UNIFIED).mode, "hybrid");
    assert.equal(parseHierarchies(V2).mode, "v2");
  });

  it("finds the hierarchy of a controller that shares its mount", () => {
    const hierarchies = parseHierarchies(V1 + UNIFIED);
    assert.equal(findHierarchy(hierarchies, "cpuacct")?.mountPoint, "/sys/fs/cgroup/cpu,cpuacct");
    assert.equal(findHierarchy(hierarchies, "hugetlb"), undefined);
    assert.equal(findHierarchy(parseHierarchies(V2), "memory")?.mountPoint, "/sys/fs/cgroup");
  });

  it("takes a hierarchy that is mounted twice once", () => {
    const twice = parseHierarchies(V2 + V2.replace("/sys/fs/cgroup", "/elsewhere"));
    assert.deepEqual(
      twice.all.map((hierarchy) => hierarchy.mountPoint),
      ["/sys/fs/cgroup"],
    );
  });

  it("refuses a node without cgroups", () => {
    assert.throws(() => parseHierarchies("1 0 0:1 / / rw - ext4 /dev/sda rw\n"), {
      code: "FailedPrecondition",
    });
  });
});

describe("limits on the scale of cgroup v2", () => {
  it("maps cpu shares to a weight at both ends and the default", () => {
    assert.deepEqual([2n, 1024n, 262_144n].map(cpuWeight), [1n, 39n, 10_000n]);
  });

  it("writes quota before period, and max for no quota", () => {
    assert.equal(periodAndQuota(100_000n, 50_000n), "50000 100000");
    assert.equal(periodAndQuota(100_000n, -1n), "max 100000");
    assert.equal(periodAndQuota(0n, 0n), undefined);
  });

  it("takes memory away from memory and swap", () => {
    assert.equal(swapOnly(10n, 15n), "5");
    assert.equal(swapOnly(10n, -1n), "max");
    assert.equal(swapOnly(10n, 0n), undefined);
  });
});
