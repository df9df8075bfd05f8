import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerAttributes,
  ContainerStats,
  ContainerStatus,
  FilesystemUsage,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
} from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

const HOUR_NS = 3_600_000_000_000n;
const now = BigInt(Date.now()) * 1_000_000n;

const web = fakePod({ name: "web", createdAt: now });
const old = fakePod({ name: "old", state: 1, createdAt: now - 48n * HOUR_NS });
const fresh = fakePod({ name: "fresh", state: 1, createdAt: now, labels: { app: "x" } });
const pods = [web, old, fresh];
const kubelet = { "io.kubernetes.pod.uid": "u1" };
const running = fakeContainer({
  name: "run",
  podSandboxId: web.id,
  state: 1,
  imageId: "sha256:used",
});
const ended = fakeContainer({
  name: "end",
  podSandboxId: web.id,
  state: 2,
  createdAt: 5n,
  imageId: "sha256:was",
});
const containers = [running, ended];
const images = [
  fakeImage({ id: "sha256:used", repoTags: ["used:1"] }),
  fakeImage({ id: "sha256:was", repoTags: [], size: 1_000_000n }),
  fakeImage({ id: "sha256:idle", repoTags: ["idle:1"], size: 2_000_000n }),
  fakeImage({ id: "sha256:pin", repoTags: [], pinned: true }),
  fakeImage({ id: "sha256:pause", repoTags: ["localhost/pause:1"] }),
];

function layerStats(id: string, bytes: bigint, timestamp = 1n): ContainerStats {
  return createMessage(ContainerStats, {
    attributes: createMessage(ContainerAttributes, { id }),
    writableLayer: createMessage(FilesystemUsage, { timestamp, usedBytes: { value: bytes } }),
  });
}

describe("prune", () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-prune-"));
  });
  after(() => rm(directory, { recursive: true }));

  async function prune(
    line: string,
    contents: FakeContents = {},
    overrides: Partial<Session> = {},
  ) {
    const backend = fakeBackend({
      pods,
      containers,
      images,
      ...contents,
      answers: {
        status: () => ({ info: { config: '{"sandboxImage":"localhost/pause:1"}' } }),
        containerStatus: ({ containerId: id }: { containerId: string }) => ({
          status: createMessage(ContainerStatus, {
            id,
            state: 2,
            exitCode: 3,
            finishedAt: now - 2n * HOUR_NS,
            logPath: join(directory, "end.log"),
          }),
          info: {},
        }),
        listContainerStats: () => ({
          stats: (contents.containers ?? containers).map(({ id }) => layerStats(id, 4_000n)),
        }),
        imageStatus: ({ image }: { image: { image: string } }) => ({
          image: images.find(({ id }) => id === image.image),
          info: { info: '{"imageSpec":{"created":"2020-01-01T00:00:00Z"}}' },
        }),
        ...contents.answers,
      },
    });
    const { session, out, err } = memorySession(backend, overrides);
    const words = ["prune", ...line.split(" ").filter(Boolean)];
    const status = await runCommand(words, session);
    return { status, out: out(), err: err(), calls: backend.calls };
  }

  const told = (out: string) =>
    out
      .trimEnd()
      .split("\n")
      .map((row) => row.split("\t"));

  it("tells with --dry-run what would go, why, and what it would free", async () => {
    await writeFile(join(directory, "end.log"), "x".repeat(1000));
    await writeFile(join(directory, "end.log.1"), "x".repeat(500));
    const { status, out, err, calls } = await prune("--dry-run");
    assert.equal(status, 0);
    assert.deepEqual(told(out), [
      ["container", ended.id, "default/web/end", "5.5kB", "exited (3) 2 hours ago"],
      ["pod", old.id, "default/old", "0B", "not ready, and nothing runs in it"],
      ["pod", fresh.id, "default/fresh", "0B", "not ready, and nothing runs in it"],
      ["image", "sha256:was", "<none>", "1MB", "no tag, and no container uses it"],
    ]);
    assert.equal(err, "would free 1.01MB\n");
    assert.deepEqual(calls, []);
  });

  it("says at least where the runtime does not tell what a container has written", async () => {
    await writeFile(join(directory, "end.log"), "x".repeat(1000));
    await rm(join(directory, "end.log.1"), { force: true });
    const silent: Record<string, () => unknown> = {
      "without the call": () => {
        throw new StatusError("Unimplemented", "no such call");
      },
      "before it has measured": () => ({ stats: [layerStats(ended.id, 0n, 0n)] }),
      "for the container": () => ({ stats: [] }),
    };
    for (const [what, listContainerStats] of Object.entries(silent)) {
      const { status, out, err } = await prune("--dry-run --containers", {
        answers: { listContainerStats },
      });
      assert.equal(told(out)[0]?.[3], ">=1kB", what);
      assert.deepEqual([status, err], [0, "would free at least 1kB\n"], what);
    }
    const { out } = await prune("--containers", {
      answers: { listContainerStats: () => ({ stats: [] }) },
    });
    assert.match(out, /^Freed at least 1kB$/m);
  });

  it("asks for the layer of one container where the list leaves it out", async () => {
    const answers = {
      listContainerStats: () => ({ stats: [] }),
      containerStats: ({ containerId }: { containerId: string }) => ({
        stats: layerStats(containerId, 7_000n),
      }),
    };
    const { out } = await prune("--dry-run --containers -k", { answers });
    assert.equal(told(out)[0]?.[3], "7kB");
  });

  it("counts with a pod what its containers have written, once", async () => {
    const inOld = fakeContainer({ name: "in-old", podSandboxId: old.id, state: 2 });
    const sizes = async (line: string) =>
      told((await prune(`--dry-run -k ${line}`, { containers: [running, inOld] })).out).map(
        ([kind, id, , size]) => [kind, id, size],
      );
    assert.deepEqual(await sizes("--pods"), [
      ["pod", old.id, "4kB"],
      ["pod", fresh.id, "0B"],
    ]);
    assert.deepEqual(await sizes("--pods --containers"), [
      ["container", inOld.id, "4kB"],
      ["pod", old.id, "0B"],
      ["pod", fresh.id, "0B"],
    ]);
  });

  it("takes only the kinds that are named, and tagged images with -a", async () => {
    const kinds = async (line: string) =>
      told((await prune(`--dry-run ${line}`)).out).map(([kind, id]) => `${kind} ${id}`);
    assert.deepEqual(await kinds("--containers"), [`container ${ended.id}`]);
    assert.deepEqual(await kinds("--pods"), [`pod ${old.id}`, `pod ${fresh.id}`]);
    // The exited container stays, so it uses its image.
    assert.deepEqual(await kinds("--images -a"), ["image sha256:idle"]);
  });

  it("takes only what is old enough, or has the label", async () => {
    const ids = async (line: string) =>
      told((await prune(`--dry-run ${line}`)).out).map(([, id]) => id);
    assert.deepEqual(await ids("--filter until=24h --pods"), [old.id]);
    assert.deepEqual(await ids("--filter until=1h --containers"), [ended.id]);
    assert.deepEqual(await ids("--filter label=app=x"), [fresh.id]);
    assert.equal((await prune("--filter until=3h --containers")).err, "nothing to remove\n");
    for (const word of ["until=", "until=soon", "size=3", "until"]) {
      assert.equal((await prune(`--filter ${word}`)).status, 2, word);
    }
  });

  it("leaves of a kubelet's ready pod the newest attempt of each container", async () => {
    const attempt = (name: string, created: bigint, pod = web) =>
      fakeContainer({
        name: `${name}${created}`,
        metadata: { name, attempt: Number(created) },
        labels: kubelet,
        podSandboxId: pod.id,
        state: 2,
        createdAt: created,
      });
    const attempts = [attempt("init", 1n), attempt("app", 2n), attempt("app", 3n)];
    const { out, err } = await prune("--dry-run --containers", { containers: attempts });
    assert.deepEqual(
      told(out).map(([, id]) => id),
      [attempts[1]?.id],
    );
    assert.match(err, /^kept 2 containers that the kubelet still looks at\n/);
  });

  it("leaves a pod in which something may run", async () => {
    const unknown = fakeContainer({ name: "u", podSandboxId: old.id, state: 3 });
    const { out } = await prune("--dry-run --pods", { containers: [unknown] });
    assert.deepEqual(
      told(out).map(([, id]) => id),
      [fresh.id],
    );
  });

  it("removes containers with their logs, then pods, then images, and says what was freed", async () => {
    await writeFile(join(directory, "end.log"), "x".repeat(1000));
    // Afterwards the container is gone.
    let lists = 0;
    const answers = {
      listContainers: () => ({ containers: lists++ < 2 ? containers : [running] }),
    };
    const { status, out, calls } = await prune("-a", { answers });
    assert.equal(status, 0);
    assert.deepEqual(
      calls.map((call) => call.split(" ")[0]),
      ["removeContainer", "removePodSandbox", "removePodSandbox", "removeImage", "removeImage"],
    );
    assert.match(out, /^Removed container default\/web\/end \(656e640000000\)\n/);
    assert.match(out, /Removed image idle:1/);
    assert.match(out, /Freed 3(\.01)?MB\n$/);
    assert.deepEqual(await readdir(directory), []);
  });

  it("keeps the image of a container that could not be removed", async () => {
    const answers = {
      removeContainer: () => {
        throw new StatusError("Unknown", "busy");
      },
    };
    const { status, err, calls } = await prune("--containers --images", { answers });
    assert.equal(status, 1);
    assert.match(err, /busy/);
    assert.ok(!calls.some((call) => call.startsWith("removeImage")));
  });

  it("asks on a terminal, with what would go", async () => {
    let asked = "";
    const err: string[] = [];
    const { status, calls } = await prune(
      "--pods",
      {},
      {
        stdin: memoryInput({ isTty: true }),
        stderr: memoryOutput(err, { isTty: true }),
        confirm: async (question) => {
          asked = question;
          return false;
        },
      },
    );
    assert.equal(status, 1);
    assert.equal(asked, "Remove 2 pods and free 0B?");
    assert.match(err.join(""), /pod {2}default\/old/);
    assert.deepEqual(calls, []);
  });
});
