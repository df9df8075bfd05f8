import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  CpuUsage,
  LinuxPodSandboxStats,
  type PodSandbox,
  PodSandboxAttributes,
  PodSandboxState,
  PodSandboxStats,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { type FakeContents, fakeBackend, fakePod } from "../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web", labels: { app: "x" } });
const db = fakePod({ name: "db" });
const bare = fakePod({ name: "bare", labels: { app: "x" } });
const down = fakePod({ name: "down", state: PodSandboxState.SANDBOX_NOTREADY });

const NO_PARENT = "failed to get cgroup metrics for sandbox x because cgroupPath is empty";

async function crish(line: string, contents: FakeContents, overrides: Partial<Session> = {}) {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err(), calls: backend.calls };
}

/** Answers for all at once, as most runtimes do. */
function measuring(...pods: PodSandbox[]): FakeContents {
  const stats = counting();
  const listPodSandboxStats = ({ filter }: { filter: { id: string } }) => ({
    stats: pods.filter(({ id }) => id.startsWith(filter.id)).map(stats),
  });
  return { pods, answers: { listPodSandboxStats } };
}

/** Answers for none at once where one of them has no cgroup parent, as containerd 1.6 does. */
function withBare(...pods: PodSandbox[]): FakeContents {
  const stats = counting();
  const answer = (pod: PodSandbox) => {
    if (pod === bare) throw new StatusError("Unknown", NO_PARENT);
    return stats(pod);
  };
  return {
    pods,
    answers: {
      listPodSandboxStats: ({ filter }: { filter: { id: string } }) => ({
        stats: pods.filter(({ id }) => id.startsWith(filter.id)).map(answer),
      }),
      podSandboxStats: ({ podSandboxId }: { podSandboxId: string }) => ({
        stats: pods.filter(({ id }) => id === podSandboxId).map(answer)[0],
      }),
    },
  };
}

function counting(): (pod: PodSandbox) => PodSandboxStats {
  let count = 0n;
  return ({ id, metadata, labels }) => {
    count++;
    const timestamp = count * 1_000_000_000n;
    const usageCoreNanoSeconds = { value: count * 500_000_000n };
    const linux = createMessage(LinuxPodSandboxStats, {
      cpu: createMessage(CpuUsage, { timestamp, usageCoreNanoSeconds }),
    });
    const attributes = createMessage(PodSandboxAttributes, { id, metadata, labels });
    return createMessage(PodSandboxStats, { attributes, linux });
  };
}

const podsIn = (out: string) =>
  out
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(/\s/)[0])
    .sort();

describe("statsp of several pods", () => {
  it("measures those that are named, once each, and reports a name that means nothing", async () => {
    const { status, out, err } = await crish(
      "statsp -s 10ms web nope db default/web",
      measuring(web, db, bare),
    );
    assert.deepEqual(podsIn(out), ["db", "web"]);
    assert.equal(status, 4);
    assert.match(err, /^crish: pod "nope" not found\n/);
  });

  it("prints none where no name means anything", async () => {
    assert.deepEqual((await crish("statsp a b", measuring(web))).out, "");
    assert.deepEqual((await crish("statsp a b", measuring(web))).status, 4);
  });

  it("prints them in every format, and of a label only those that have it", async () => {
    const { stats } = JSON.parse((await crish("statsp -o json web db", measuring(web, db))).out);
    assert.equal(stats.length, 2);
    const names = await crish("statsp -o name web db", measuring(web, db, bare));
    assert.deepEqual(names.out.trim().split("\n").sort(), ["default/db", "default/web"]);
    const labelled = await crish("statsp -s 10ms --label app=x web db", measuring(web, db, bare));
    assert.deepEqual(podsIn(labelled.out), ["web"]);
  });
});

describe("statsp where the runtime has no figures of one pod", () => {
  it("shows the others, tells of that one once, and ends with its status", async () => {
    const { status, out, err } = await crish("statsp -s 10ms", withBare(web, bare, db, down));
    assert.deepEqual(podsIn(out), ["db", "web"]);
    assert.equal(
      err,
      'crish: there are no figures of pod "default/bare", which has no cgroup parent\n' +
        `hint: crish stats -p ${bare.id.slice(0, 13)} measures its containers\n`,
    );
    assert.equal(status, 1);
  });

  it("asks for those that are named alone, by name and by label", async () => {
    const named = await crish("statsp -s 10ms web db", withBare(web, bare, db));
    assert.deepEqual([podsIn(named.out), named.err, named.status], [["db", "web"], "", 0]);
    const labelled = await crish("statsp -o json --label app=x", withBare(web, bare, db));
    assert.equal(JSON.parse(labelled.out).stats.length, 1);
    assert.match(labelled.err, /default\/bare/);
    assert.equal(labelled.status, 1);
  });

  it("fails as the runtime does where that one alone is asked for", async () => {
    const { status, out, err } = await crish("statsp bare", withBare(web, bare));
    assert.deepEqual([status, out], [1, ""]);
    assert.match(err, /^crish: there are no figures of pod "default\/bare"/);
  });

  it("passes over one that has gone meanwhile", async () => {
    const contents = withBare(web, bare, db);
    const podSandboxStats = ({ podSandboxId }: { podSandboxId: string }) => {
      if (podSandboxId === db.id) throw new StatusError("NotFound", "gone");
      return contents.answers?.podSandboxStats?.({ podSandboxId } as never);
    };
    const answers = { ...contents.answers, podSandboxStats };
    const { out, err } = await crish("statsp -o json", { ...contents, answers });
    assert.equal(JSON.parse(out).stats.length, 1);
    assert.doesNotMatch(err, /gone/);
  });

  it("asks no pod by itself where the runtime is what fails", async () => {
    for (const [code, expected] of [
      ["Unimplemented", 1],
      ["Unavailable", 3],
    ] as const) {
      const listPodSandboxStats = () => {
        throw new StatusError(code, "not now");
      };
      const answers = { listPodSandboxStats };
      const { status, err, calls } = await crish("statsp", { pods: [web, db], answers });
      assert.deepEqual([status, err, calls], [expected, "crish: not now\n", []]);
    }
  });

  it("tells of it with --watch once: on a pipe at once, on a terminal when its screen is gone", async () => {
    // The last is interrupted between two samples.
    for (const { isTerminal, seconds, endMs } of [
      { isTerminal: false, seconds: "10ms", endMs: 0 },
      { isTerminal: true, seconds: "10ms", endMs: 0 },
      { isTerminal: true, seconds: "2s", endMs: 500 },
    ]) {
      const ending = new AbortController();
      const most = endMs === 0 ? 3 : 0;
      const chunks: string[] = [];
      const write = async (chunk: string | Uint8Array) => {
        chunks.push(String(chunk));
        if (chunks.filter((text) => /MEM|"type"/.test(text)).length <= most) return;
        if (endMs === 0) ending.abort();
        else setTimeout(() => ending.abort(), endMs);
      };
      const stdout = { ...memoryOutput([]), canRedraw: isTerminal, isTty: isTerminal, write };
      const stderr = { ...memoryOutput([]), write };
      const line = `statsp -s ${seconds} --watch${isTerminal ? "" : " -o jsonl"}`;
      const overrides = { stdout, stderr, signal: ending.signal };
      const { status } = await crish(line, withBare(web, bare, db), overrides);
      assert.equal(status, 0);
      const told = chunks.flatMap((text, index) => (/no figures/.test(text) ? [index] : []));
      assert.deepEqual(told, [isTerminal ? chunks.length - 1 : 0]);
    }
  });
});
