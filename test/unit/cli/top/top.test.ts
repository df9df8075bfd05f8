import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runCommand } from "../../../../src/cli/run-command.ts";
import { cgroupFigures } from "../../../../src/cli/top/cgroup-figures.ts";
import { parseNetworkBytes } from "../../../../src/cli/top/network-bytes.ts";
import type { ContainerSample, Sample } from "../../../../src/cli/top/take-sample.ts";
import { sortRows, topRows } from "../../../../src/cli/top/top-rows.ts";
import { createMessage } from "../../../../src/cri/create-message.ts";
import {
  ContainerAttributes,
  ContainerStats,
  CpuUsage,
  MemoryUsage,
} from "../../../../src/cri/gen/runtime/v1/api.ts";
import { fakeBackend, fakeContainer, fakePod } from "../../../support/fake-backend.ts";
import { memorySession } from "../../../support/memory-session.ts";

const SECOND_NS = 1_000_000_000n;

function sampleOf(name: string, fields: Partial<ContainerSample> = {}): ContainerSample {
  return {
    id: name,
    name,
    pod: "default/web",
    cpu: undefined,
    cpuLimit: undefined,
    memoryBytes: undefined,
    memoryLimitBytes: undefined,
    receivedBytes: undefined,
    sentBytes: undefined,
    readBytes: undefined,
    writtenBytes: undefined,
    processes: undefined,
    processLimit: undefined,
    ...fields,
  };
}

const cpu = (seconds: bigint, used: bigint) => ({
  timestamp: seconds * SECOND_NS,
  usageCoreNanoSeconds: { value: used },
});

describe("topRows", () => {
  const before: Sample = {
    atMs: 1000,
    containers: [sampleOf("a", { cpu: cpu(1n, 0n), receivedBytes: 100n, readBytes: 50n })],
  };

  it("makes shares and rates of two samples", () => {
    const now = sampleOf("a", { cpu: cpu(3n, SECOND_NS), receivedBytes: 2100n, readBytes: 40n });
    const [row] = topRows(before, { atMs: 3000, containers: [now] });
    // What counts backwards was started anew.
    assert.deepEqual(
      [row?.cpu, row?.received, row?.sent, row?.read],
      [50, 1000, undefined, undefined],
    );
  });

  it("knows no rates of what is new, and keeps a share that the runtime did not measure anew", () => {
    const rows = topRows(before, {
      atMs: 3000,
      containers: [sampleOf("b", { cpu: cpu(3n, 5n) }), sampleOf("a", { cpu: cpu(1n, 0n) })],
    });
    assert.deepEqual(
      rows.map((row) => row.cpu),
      [undefined, undefined],
    );
    const last = rows.map((row) => ({ ...row, cpu: 7 }));
    assert.equal(topRows(before, { ...before, atMs: 3000 }, last)[0]?.cpu, 7);
  });

  it("sorts the most first, what nobody tells last, equals by name", () => {
    const rows = topRows(before, {
      atMs: 3000,
      containers: [
        sampleOf("c", { memoryBytes: 1n, processes: 4 }),
        sampleOf("b", { memoryBytes: 9n }),
        sampleOf("a", { processes: 4 }),
      ],
    });
    const names = (key: Parameters<typeof sortRows>[1]) =>
      sortRows(rows, key).map((row) => row.name);
    assert.deepEqual(names("memory"), ["b", "c", "a"]);
    assert.deepEqual(names("pids"), ["a", "c", "b"]);
    assert.deepEqual(names("name"), ["a", "b", "c"]);
  });
});

describe("what the kernel tells", () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), "crish-cgroup-"));
  });
  after(() => rmSync(root, { recursive: true }));

  function write(directory: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(join(root, directory), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(root, directory, name), `${text}\n`);
    }
  }

  it("is read from cgroups v2", () => {
    write("v2", { "cgroup.controllers": "cpu io" });
    write("v2/pod/c", {
      "pids.current": "3",
      "pids.max": "max",
      "io.stat": "8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2",
      "memory.max": "1000",
      "cpu.max": "50000 100000",
    });
    assert.deepEqual(cgroupFigures("0::/pod/c\n", join(root, "v2")), {
      processes: 3,
      processLimit: undefined,
      readBytes: 11n,
      writtenBytes: 22n,
      memoryLimitBytes: 1000n,
      cpuLimit: 0.5,
    });
  });

  it("is read from cgroups v1", () => {
    write("v1/pids/c", { "pids.current": "3", "pids.max": "10" });
    write("v1/blkio/c", {
      "blkio.throttle.io_service_bytes": "8:0 Read 5\n8:0 Write 6\n8:0 Total 11\nTotal 11",
    });
    write("v1/memory/c", { "memory.limit_in_bytes": "9223372036854771712" });
    write("v1/cpu/c", { "cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000" });
    const text = "9:pids:/c\n8:blkio:/c\n4:memory:/c\n2:cpu,cpuacct:/c\n0::/c\n";
    assert.deepEqual(cgroupFigures(text, join(root, "v1")), {
      processes: 3,
      processLimit: 10,
      readBytes: 5n,
      writtenBytes: 6n,
      memoryLimitBytes: undefined,
      cpuLimit: undefined,
    });
  });

  it("is nothing where there is nothing, or where the path leads out", () => {
    for (const text of ["", "0::/gone\n", "0::/../c\n", "nonsense"]) {
      assert.deepEqual(
        Object.values(cgroupFigures(text, join(root, "v2"))).filter((each) => each !== undefined),
        [],
      );
    }
  });

  it("counts the network without the loopback", () => {
    const text = [
      "Inter-|   Receive                                                |  Transmit",
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets",
      "    lo:  999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0",
      "  eth0: 100 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0",
      "  eth1:20 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0",
    ].join("\n");
    assert.deepEqual(parseNetworkBytes(text), { received: 120n, sent: 8n });
    assert.equal(parseNetworkBytes(""), undefined);
  });
});

describe("top", () => {
  const web = fakePod({ name: "web" });
  const containers = ["a", "b"].map((name) =>
    fakeContainer({ name, podSandboxId: web.id, state: 1 }),
  );

  async function top(line: string) {
    let looks = 0n;
    const backend = fakeBackend({
      pods: [web],
      containers: [...containers, fakeContainer({ name: "old", podSandboxId: web.id, state: 2 })],
      answers: {
        listContainerStats: () => {
          looks++;
          return {
            stats: containers.map(({ id, metadata }, index) =>
              createMessage(ContainerStats, {
                attributes: createMessage(ContainerAttributes, { id, metadata }),
                cpu: createMessage(CpuUsage, cpu(looks, looks * BigInt(index) * 250_000_000n)),
                memory: createMessage(MemoryUsage, { workingSetBytes: { value: 1_000_000n } }),
              }),
            ),
          };
        },
      },
    });
    const { session, out, err } = memorySession(backend);
    const status = await runCommand(["top", ...line.split(" ").filter(Boolean)], session);
    return { status, out: out(), err: err() };
  }

  it("without a terminal prints a table, what is most first", async () => {
    const { status, out } = await top("-d 100ms");
    assert.equal(status, 0);
    const rows = out
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((row) => row.split(/\s{2,}/));
    assert.deepEqual(
      rows.map(([pod, name, share, memory, ...rest]) => [pod, name, share, memory, rest.at(-1)]),
      [
        ["default/web", "b", "25.0", "1MB", "-"],
        ["default/web", "a", "0.0", "1MB", "-"],
      ],
    );
    assert.ok(!out.includes("\u001b"));
  });

  it("prints as many as are wanted, sorted and filtered", async () => {
    const tables = (await top("-n 2 -d 100ms --sort name --name ^a")).out.split("\n\n");
    assert.equal(tables.length, 2);
    for (const table of tables) assert.match(table, /^POD.*\ndefault\/web +a .*\n?$/);
  });

  it("prints documents, a list of them, or names", async () => {
    const [first, second] = JSON.parse((await top("-d 100ms -o json --sort name")).out);
    assert.deepEqual(first, { ...first, name: "a", pod: "default/web", memoryBytes: 1_000_000 });
    assert.equal(second.cpuPercent, 25);
    const lines = (await top("-n 2 -d 100ms -o jsonl")).out.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).name),
      ["b", "a", "b", "a"],
    );
    assert.equal((await top("-d 100ms -o name")).out, "default/web/b\ndefault/web/a\n");
    assert.equal((await top("-d 100ms -o jsonpath={[0].name}")).out, "b\n");
    assert.match((await top("-n 2 -d 100ms -o yaml")).out, /^---$/m);
  });

  it("has the columns that are asked for, and refuses others before it waits", async () => {
    const { out } = await top("-d 100ms --columns name,mem --sort-by name");
    assert.match(out, /^NAME +MEM\na +1MB\nb +1MB\n$/);
    const wrong = await top("-d 1h --columns nope");
    assert.deepEqual([wrong.status, wrong.out], [2, ""]);
    assert.equal((await top("-d 1h -o jsonpath={")).status, 2);
  });

  it("refuses intervals and counts that make no sense", async () => {
    for (const line of ["-d 10ms", "-d 0", "-n 0", "--sort size"]) {
      assert.equal((await top(line)).status, 2, line);
    }
  });
});

describe("stats", () => {
  it("takes several, and reports one that is not there", async () => {
    const names = ["a", "b", "c"];
    const containers = names.map((name) => fakeContainer({ name }));
    const stats = containers.map(({ id, metadata }) =>
      createMessage(ContainerStats, {
        attributes: createMessage(ContainerAttributes, { id, metadata }),
      }),
    );
    const backend = fakeBackend({ containers, answers: { listContainerStats: () => ({ stats }) } });
    const { session, out, err } = memorySession(backend);
    assert.equal(await runCommand(["stats", "-o", "json", "a", "nope", "c"], session), 4);
    const shown = JSON.parse(out()).stats as { attributes: { metadata: { name: string } } }[];
    assert.deepEqual(
      shown.map(({ attributes }) => attributes.metadata.name),
      ["a", "c"],
    );
    assert.match(err(), /container "nope" not found/);
    assert.equal(await runCommand(["stats", "nope"], session), 4);
  });
});
