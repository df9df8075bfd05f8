import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { applyResources } from "../../../src/runtime/cgroups/apply-resources.ts";
import { createCgroup } from "../../../src/runtime/cgroups/create-cgroup.ts";
import { readHierarchies } from "../../../src/runtime/cgroups/hierarchies.ts";
import { killCgroup } from "../../../src/runtime/cgroups/kill-cgroup.ts";
import { listCgroupProcesses } from "../../../src/runtime/cgroups/list-cgroup-processes.ts";
import { moveProcess } from "../../../src/runtime/cgroups/move-process.ts";
import { readCgroupStats } from "../../../src/runtime/cgroups/read-cgroup-stats.ts";
import { removeCgroup } from "../../../src/runtime/cgroups/remove-cgroup.ts";

const parent = `/crish-test-${process.pid}`;
const children: ChildProcess[] = [];

/** A shell that waits at its stdin, so that it can be moved before it does anything. */
function waitingShell(script: string): ChildProcess {
  const child = spawn("sh", ["-c", `read go; ${script}`], { stdio: ["pipe", "ignore", "ignore"] });
  children.push(child);
  return child;
}

function directories(path: string): string[] {
  return readHierarchies().all.map((hierarchy) => join(hierarchy.mountPoint, path));
}

describe("cgroups", () => {
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await killCgroup(parent);
    await removeCgroup(parent);
    assert.deepEqual(directories(parent).filter(existsSync), []);
  });

  it("creates a nested cgroup in every hierarchy, twice without complaint", () => {
    createCgroup(`${parent}/a/b`);
    createCgroup(`${parent}/a/b`);
    assert.ok(directories(`${parent}/a/b`).every(existsSync));
  });

  it("fills a parent that another process has made and not filled yet", async (context) => {
    const cpuset = readHierarchies().all.find(({ controllers }) => controllers.includes("cpuset"));
    if (cpuset === undefined) return context.skip("no cpuset of version 1");
    mkdirSync(join(cpuset.mountPoint, `${parent}/raced`), { recursive: true });
    createCgroup(`${parent}/raced/pod`);
    const child = waitingShell("true");
    await moveProcess(`${parent}/raced/pod`, child.pid ?? 0);
    await killCgroup(`${parent}/raced`);
  });

  it("moves a process in every hierarchy and measures it", async () => {
    createCgroup(`${parent}/busy`);
    const child = waitingShell("while :; do :; done");
    await moveProcess(`${parent}/busy`, child.pid ?? 0);
    const lines = readFileSync(`/proc/${child.pid}/cgroup`, "utf8").trim().split("\n");
    assert.ok(lines.every((line) => line.endsWith(`${parent}/busy`)));
    child.stdin?.end("go\n");
    const deadline = performance.now() + 5000;
    const cpuUsageNs = () => readCgroupStats(`${parent}/busy`)?.cpuUsageNs ?? 0n;
    while (cpuUsageNs() < 1_000_000n && performance.now() < deadline)
      await new Promise(setImmediate);
    const stats = readCgroupStats(`${parent}/busy`);
    assert.ok(stats !== undefined && stats.cpuUsageNs >= 1_000_000n && stats.processCount === 1);
    await killCgroup(parent);
  });

  it("kills what forks while it is killed", async () => {
    createCgroup(`${parent}/forks/below`);
    const child = waitingShell("while :; do sleep 300 & sleep 0.01; done");
    await moveProcess(`${parent}/forks/below`, child.pid ?? 0);
    child.stdin?.end("go\n");
    const deadline = performance.now() + 5000;
    while (listCgroupProcesses(`${parent}/forks`).length < 4 && performance.now() < deadline) {
      await new Promise(setImmediate);
    }
    const ended = once(child, "exit");
    await killCgroup(`${parent}/forks`);
    await ended;
    await removeCgroup(`${parent}/forks`);
    assert.deepEqual(directories(`${parent}/forks`).filter(existsSync), []);
  });

  it("raises and lowers memory with swap in the order the kernel accepts", () => {
    createCgroup(`${parent}/limits`);
    const mib = 1024n * 1024n;
    for (const limit of [64n * mib, 256n * mib, 32n * mib]) {
      applyResources(`${parent}/limits`, {
        memoryLimitInBytes: limit,
        memorySwapLimitInBytes: limit,
        cpuShares: 512n,
        cpuPeriod: 100_000n,
        cpuQuota: 20_000n,
      });
      assert.equal(readCgroupStats(`${parent}/limits`)?.memoryLimitBytes, limit);
    }
  });

  it("refuses a limit that the kernel refuses, naming the file", () => {
    createCgroup(`${parent}/limits`);
    assert.throws(() => applyResources(`${parent}/limits`, { cpusetCpus: "900-901" }), {
      code: "InvalidArgument",
      message: /cpuset\.cpus/,
    });
  });

  it("takes the killing and the removal of a missing cgroup for done", async () => {
    await killCgroup(`${parent}/none`);
    await removeCgroup(`${parent}/none`);
    assert.equal(readCgroupStats(`${parent}/none`), undefined);
  });

  it("never removes the root", async () => {
    await assert.rejects(removeCgroup("/"), { code: "InvalidArgument" });
  });
});
