import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  CpuUsage,
  LinuxPodSandboxStats,
  MemoryUsage,
  NetworkInterfaceUsage,
  NetworkUsage,
  PodSandboxAttributes,
  PodSandboxStats,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakePod,
  idFrom,
} from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

async function crish(line: string, contents: FakeContents = {}, overrides: Partial<Session> = {}) {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err(), calls: backend.calls };
}

const web = fakePod({ name: "web" });
const app = fakeContainer({ name: "app", podSandboxId: web.id });
const db = fakeContainer({ name: "db", podSandboxId: web.id });
const accepted = () => ({});
const node: FakeContents = {
  pods: [web],
  containers: [app, db],
  answers: {
    updateContainerResources: accepted,
    updatePodSandboxResources: accepted,
    updateRuntimeConfig: accepted,
    checkpointContainer: accepted,
  },
};

describe("update", () => {
  it("sends what was given, memory with a unit or without, and reports each", async () => {
    const line = "update --memory 512Mi --cpu-quota -1 --oom-score-adj -7 --cpuset-cpus 0-3 app db";
    const { status, out, calls } = await crish(line, node);
    assert.deepEqual([status, out, calls.length], [0, "app\ndb\n", 2]);
    const { containerId, linux, windows } = JSON.parse((calls[0] ?? "").replace(/^\w+ /, ""));
    assert.deepEqual([containerId, windows], [app.id, undefined]);
    assert.equal(linux.memoryLimitInBytes, 536_870_912);
    assert.deepEqual(
      [linux.cpuQuota, linux.oomScoreAdj, linux.cpusetCpus, linux.cpuShares],
      [-1, -7, "0-3", 0],
    );
    const plain = await crish("update --memory 1048576 --cpu-share 2 app", node);
    assert.match(plain.calls[0] ?? "", /"cpuShares":2,"memoryLimitInBytes":1048576,/);
  });

  it("goes on after a failure and ends with the first one's status", async () => {
    const { status, out, err } = await crish("update --cpu-share 2 nope app", node);
    assert.deepEqual([status, out], [4, "app\n"]);
    assert.match(err, /^crish: container "nope" not found/);
  });

  it("says that Windows' limits are nothing to other containers, and sends them", async () => {
    const { status, err, calls } = await crish("update --cpu-count 2 --cpu-maximum 50 app", node);
    assert.equal(status, 0);
    assert.match(err, /for Windows containers/);
    assert.match(calls[0] ?? "", /"windows":{.*"cpuCount":2,"cpuMaximum":50/);
  });

  it("refuses no limit at all, and one that makes no sense, before anything is asked", async () => {
    for (const flags of [
      "",
      " --memory 0",
      " --memory lots",
      " --oom-score-adj low",
      " --oom-score-adj 1001",
      " --oom-score-adj=",
      " --cpu-share -1",
      " --cpu-count -1",
      " --cpu-quota 1.5",
    ]) {
      const { status, calls, err } = await crish(`update app${flags}`, node);
      assert.deepEqual([status, calls], [2, []], flags);
      assert.match(err, /^crish: /);
    }
    assert.equal((await crish("update --memory 1g", node)).status, 2);
  });
});

describe("updatep", () => {
  it("sends the limits and the overhead", async () => {
    const line = "updatep --memory 1Gi --overhead-cpu-share 10 web";
    const { status, out, calls } = await crish(line, node);
    assert.deepEqual([status, out], [0, "web\n"]);
    const { podSandboxId, resources, overhead } = JSON.parse((calls[0] ?? "").slice(26));
    assert.equal(podSandboxId, web.id);
    assert.deepEqual([resources.memoryLimitInBytes, overhead.cpuShares], [1_073_741_824, 10]);
  });

  it("refuses no limit at all; a runtime without the call is told by name", async () => {
    assert.equal((await crish("updatep web", node)).status, 2);
    const answers = { updatePodSandboxResources: unimplemented };
    const { status, err } = await crish("updatep --memory 1g web", { ...node, answers });
    assert.equal(status, 1);
    assert.match(err, /does not implement "UpdatePodSandboxResources"/);
  });
});

describe("checkpoint", () => {
  it("sends an absolute path, and the time there is", async () => {
    const { status, out, calls } = await crish("-t 90s checkpoint app -e a.tar", node, {
      cwd: "/var/tmp",
    });
    assert.deepEqual([status, out], [0, "app\n"]);
    assert.deepEqual(calls, [
      `checkpointContainer {"containerId":"${app.id}","location":"/var/tmp/a.tar","timeout":90}`,
    ]);
  });

  it("writes several into a directory, each under a name of its own", async () => {
    const { status, calls } = await crish("checkpoint app db -e /var/tmp/", node);
    assert.equal(status, 0);
    assert.match(calls[0] ?? "", new RegExp(`"/var/tmp/app-${app.id.slice(0, 13)}.tar"`));
    assert.match(calls[1] ?? "", new RegExp(`"/var/tmp/db-${db.id.slice(0, 13)}.tar"`));
    const refused = await crish("checkpoint app db -e /var/tmp/a.tar", node);
    assert.deepEqual([refused.status, refused.calls], [2, []]);
    assert.match(refused.err, /hint: -e \/var\/tmp\/a.tar\/ writes/);
    assert.equal((await crish("checkpoint app", node)).status, 2);
  });
});

describe("what the runtime tells of itself", () => {
  it("runtime-config prints the cgroup driver, or that nothing is told", async () => {
    const told = (linux: object | undefined) => ({ answers: { runtimeConfig: () => ({ linux }) } });
    assert.equal(
      (await crish("runtime-config", told({ cgroupDriver: 1 }))).out,
      "cgroup driver:   CGROUPFS\n",
    );
    assert.equal(
      (await crish("runtime-config", told({ cgroupDriver: 0 }))).out,
      "cgroup driver:   SYSTEMD\n",
    );
    const { status, out, err } = await crish("runtime-config", told(undefined));
    assert.deepEqual([status, out], [0, ""]);
    assert.match(err, /tells nothing/);
  });

  it("update-runtime-config sends the addresses of pods, and needs some", async () => {
    const { status, out, calls } = await crish("update-runtime-config -p 10.1.2.0/24", node);
    assert.deepEqual([status, out], [0, ""]);
    assert.match(calls[0] ?? "", /"podCidr":"10.1.2.0\/24"/);
    const none = await crish("update-runtime-config", node);
    assert.deepEqual([none.status, none.calls], [2, []]);
  });

  it("imagefsinfo is a document, or crictl's lines", async () => {
    const usage = {
      timestamp: 0n,
      fsId: { mountpoint: "/var/lib/images" },
      usedBytes: { value: 12_345_678n },
      inodesUsed: { value: 7n },
    };
    const imageFsInfo = () => ({ imageFilesystems: [usage], containerFilesystems: [] });
    const contents = { answers: { imageFsInfo } };
    const { status } = JSON.parse((await crish("imagefsinfo", contents)).out);
    assert.equal(status.imageFilesystems[0].usedBytes.value, "12345678");
    assert.equal(
      (await crish("imagefsinfo -o table", contents)).out,
      [
        "Container Filesystem ",
        "",
        "Image Filesystem ",
        "TimeStamp[0]: 0001-01-01T00:00:00Z",
        "Disk[0]: 12.35MB",
        "Inodes[0]: 7",
        "Mountpoint[0]: /var/lib/images",
        "",
        "",
      ].join("\n"),
    );
  });

  it("info -o table has the conditions for reading", async () => {
    const conditions = [
      { type: "RuntimeReady", status: true, reason: "", message: "" },
      { type: "NetworkReady", status: false, reason: "NoCni", message: "no network" },
    ];
    const answer = { status: { conditions }, info: {}, runtimeHandlers: [], features: undefined };
    const { out } = await crish("info -o table", { answers: { status: () => answer } });
    assert.match(out, /^backend: .*\nendpoint: .*\ncrish: /);
    assert.match(out, /^RuntimeReady +yes$/m);
    assert.match(out, /^NetworkReady +no +NoCni +no network$/m);
  });

  it("metricdescs and metricsp print protobuf's JSON mapping", async () => {
    const descriptor = { name: "up", help: "whether it is up", labelKeys: ["id", "pod"] };
    const metric = { name: "up", timestamp: 5n, metricType: 1, labelValues: ["a", "b"] };
    const podMetrics = [
      {
        podSandboxId: web.id,
        metrics: [{ ...metric, value: { value: 3n } }],
        containerMetrics: [],
      },
    ];
    const answers = {
      listMetricDescriptors: () => ({ descriptors: [descriptor] }),
      listPodSandboxMetrics: () => ({ podMetrics }),
    };
    const descriptors = JSON.parse((await crish("metricdescs", { answers })).out);
    assert.deepEqual(descriptors, { descriptors: [descriptor] });
    assert.match((await crish("metricdescs -o table", { answers })).out, /^up +id,pod +whether/m);
    const metrics = JSON.parse((await crish("metricsp", { answers })).out);
    assert.deepEqual(metrics.podMetrics[0].metrics[0], {
      ...metric,
      timestamp: "5",
      metricType: "GAUGE",
      value: { value: "3" },
    });
    const names = await crish("metricdescs -o name", { answers });
    assert.equal(names.out, "up\n");
    const line = (await crish("metricsp -o jsonl", { answers })).out;
    assert.deepEqual(JSON.parse(line), metrics.podMetrics[0]);
    assert.equal(
      (await crish("metricsp -o jsonpath={.podMetrics[*].podSandboxId}", { answers })).out,
      `${web.id}\n`,
    );
  });

  it("metricsp has a line for each value in a table", async () => {
    const metric = (name: string, value: bigint) => ({
      name,
      timestamp: 5n,
      metricType: 0,
      labelValues: ["a"],
      value: { value },
    });
    const podMetrics = [
      {
        podSandboxId: web.id,
        metrics: [metric("net", 9n)],
        containerMetrics: [{ containerId: "c", metrics: [metric("cpu", 10n), metric("mem", 8n)] }],
      },
    ];
    const answers = { listPodSandboxMetrics: () => ({ podMetrics }) };
    const { out } = await crish("metricsp -o table --sort-by -value", { answers });
    assert.deepEqual(
      out
        .trimEnd()
        .split("\n")
        .map((row) => row.split(/\s{2,}/)),
      [
        ["POD ID", "CONTAINER", "METRIC", "VALUE", "LABELS"],
        [web.id.slice(0, 13), "c", "cpu", "10", "a"],
        [web.id.slice(0, 13), "-", "net", "9", "a"],
        [web.id.slice(0, 13), "c", "mem", "8", "a"],
      ],
    );
  });
});

describe("statsp", () => {
  it("measures between two samples of one call, and honours the label itself", async () => {
    const row = (await crish("statsp -s 10ms --label a=b", sampled())).out.split("\n")[1] ?? "";
    assert.deepEqual(row.split(/\s{2,}/), ["web", web.id.slice(0, 13), "50.00", "2MB"]);
    assert.equal((await crish("statsp -q -s 1h", sampled())).out, `${web.id}\n`);
    const whole = (await crish("statsp -s 10ms --no-trunc --no-headers", sampled())).out;
    assert.equal(whole.split(/\s{2,}/)[1], web.id);
    assert.equal((await crish("statsp -s 10ms --label a=c", sampled())).out.split("\n").length, 2);
  });

  it("is wide with the network and the processes", async () => {
    const [heading = "", row = ""] = (await crish("statsp -o wide -s 10ms", sampled())).out.split(
      "\n",
    );
    assert.match(heading, /^POD +POD ID +CPU % +MEM +NAMESPACE +NET RX +NET TX +PIDS$/);
    assert.match(row, / default +7kB +8kB +3$/);
  });

  it("asks for the pod that a name means; refuses one that is not there, and no interval", async () => {
    assert.equal((await crish("statsp -s 10ms web", sampled())).status, 0);
    assert.equal((await crish("statsp -o json --id web", sampled())).status, 0);
    assert.equal((await crish("statsp nope", sampled())).status, 4);
    assert.equal((await crish("statsp -s 0", sampled())).status, 2);
  });
});

/** A pod that uses half a core between every two answers. */
function sampled(): FakeContents {
  let count = 0n;
  const listPodSandboxStats = ({ filter }: { filter: { id: string } }) => {
    assert.ok(filter.id === "" || filter.id === idFrom("web"));
    count++;
    return { stats: [statsAt(count)] };
  };
  return { pods: [web], answers: { listPodSandboxStats } };
}

function statsAt(count: bigint): PodSandboxStats {
  const { id, metadata } = web;
  const timestamp = count * 1_000_000_000n;
  const linux = createMessage(LinuxPodSandboxStats, {
    cpu: createMessage(CpuUsage, {
      timestamp,
      usageCoreNanoSeconds: { value: count * 500_000_000n },
    }),
    memory: createMessage(MemoryUsage, { timestamp, workingSetBytes: { value: 2_000_000n } }),
    network: createMessage(NetworkUsage, {
      defaultInterface: createMessage(NetworkInterfaceUsage, {
        rxBytes: { value: 7000n },
        txBytes: { value: 8000n },
      }),
    }),
    process: { timestamp, processCount: { value: 3n } },
  });
  const attributes = createMessage(PodSandboxAttributes, { id, metadata, labels: { a: "b" } });
  return createMessage(PodSandboxStats, { attributes, linux });
}

function unimplemented(): never {
  throw new StatusError("Unimplemented", '"x" does not implement "UpdatePodSandboxResources"');
}
