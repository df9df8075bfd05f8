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
  CpuUsage,
  ImageSpec,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import type { ImageStore } from "../../../src/cri/image-store.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
  idFrom,
} from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

interface Result {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly calls: readonly string[];
}

async function crish(
  line: string,
  contents: FakeContents = {},
  overrides: Partial<Session> = {},
): Promise<Result> {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err(), calls: backend.calls };
}

const web = fakePod({ name: "web", createdAt: 5n });
const old = fakePod({ name: "old", state: 1, createdAt: 3n });
const image = createMessage(ImageSpec, { image: "busybox" });
const app = fakeContainer({ name: "app", podSandboxId: web.id, createdAt: 9n, image });
const done = fakeContainer({ name: "done", podSandboxId: old.id, state: 2, createdAt: 8n, image });
const node: FakeContents = { pods: [web, old], containers: [done, app] };

describe("ps", () => {
  it("lists what runs, the pod's name from the sandbox where labels do not tell it", async () => {
    const { out, status } = await crish("ps", node);
    assert.equal(status, 0);
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/\s{2,}/));
    assert.deepEqual(lines[0], [
      "CONTAINER",
      "IMAGE",
      "CREATED",
      "STATE",
      "NAME",
      "ATTEMPT",
      "POD ID",
      "POD",
      "NAMESPACE",
    ]);
    assert.equal(lines.length, 2);
    const row = lines[1] ?? [];
    assert.deepEqual(
      [row[0], row[1], row[3], row[4], row[6], row[7], row[8]],
      [app.id.slice(0, 13), "busybox", "Running", "app", web.id.slice(0, 13), "web", "default"],
    );
  });

  it("sorts newest first, and filters by state, name, pod and labels", async () => {
    assert.equal((await crish("ps -aq", node)).out, `${app.id}\n${done.id}\n`);
    assert.equal((await crish("ps -l -q", node)).out, `${app.id}\n`);
    assert.equal((await crish("ps -l -q -s exited", node)).out, `${done.id}\n`);
    assert.equal((await crish("ps -q --state Exited", node)).out, `${done.id}\n`);
    assert.equal((await crish("ps -aq --name ^do", node)).out, `${done.id}\n`);
    assert.equal((await crish("ps -aq --pod default/old", node)).out, `${done.id}\n`);
    assert.equal((await crish("ps -aq --label a=b", node)).out, "");
  });

  it("is its heading alone, with 0, where nothing matches", async () => {
    const { out, status, err } = await crish("ps", {});
    assert.deepEqual([status, err, out.trimEnd().split("\n").length], [0, "", 1]);
  });

  it("prints protobuf's JSON mapping", async () => {
    const { containers } = JSON.parse((await crish("ps -o json", node)).out);
    assert.equal(containers[0].createdAt, "9");
    assert.equal(containers[0].state, "CONTAINER_RUNNING");
    assert.deepEqual(containers[0].labels, {});
  });
});

describe("verbs over several objects", () => {
  it("report each and end with the first failure's status", async () => {
    const { status, out, err, calls } = await crish("stop nope app other", node);
    assert.equal(status, 4);
    assert.equal(out, "app\n");
    assert.match(err, /"nope" not found[\s\S]*"other" not found/);
    assert.deepEqual(calls, [`stopContainer {"containerId":"${app.id}","timeout":10}`]);
  });

  it("act once on what was named twice", async () => {
    const { calls, out } = await crish(`start app ${app.id} default/web/app`, node);
    assert.equal(calls.length, 1);
    assert.equal(out, "app\n");
  });

  it("refuse names beside --all, and nothing at all", async () => {
    for (const line of ["rm -a app", "stop app --all", "rmp -a web", "rmi -a x", "rmi -q x"]) {
      const { status, calls } = await crish(line, node);
      assert.deepEqual([status, calls], [2, []], line);
    }
    for (const line of ["rm", "stop", "rmp", "rmi", "rm --all=false", "rmi --all=false"]) {
      assert.deepEqual((await crish(line, node)).calls, [], line);
      assert.equal((await crish(line, node)).status, 2, line);
    }
  });

  it("end with 0 and a line on stderr where --all finds nothing", async () => {
    for (const line of ["rm -a", "stop -a", "rmp -a", "rmi -a", "rmi --prune"]) {
      const { status, out, err } = await crish(line, {});
      assert.deepEqual([status, out], [0, ""], line);
      assert.match(err, /^no .*\n$/);
    }
  });
});

describe("stop", () => {
  it("gives ten seconds of grace, or what -t says, in whole seconds", async () => {
    assert.match((await crish("stop app", node)).calls[0] ?? "", /"timeout":10}/);
    assert.match((await crish("stop -t 0 app", node)).calls[0] ?? "", /"timeout":0}/);
    assert.match((await crish("stop -t 1500ms app", node)).calls[0] ?? "", /"timeout":2}/);
    assert.equal((await crish("stop -t -1 app", node)).status, 2);
  });

  it("-a stops what runs and nothing else", async () => {
    const { calls } = await crish("stop -a", node);
    assert.deepEqual(calls, [`stopContainer {"containerId":"${app.id}","timeout":10}`]);
  });
});

describe("rm", () => {
  let directory = "";
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-rm-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("refuses what runs without --force, and removes the others", async () => {
    const { status, out, err, calls } = await crish("rm app done", node);
    assert.deepEqual([status, out], [1, "done\n"]);
    assert.match(err, /container "app" is running\nhint: /);
    assert.deepEqual(calls, [`removeContainer {"containerId":"${done.id}"}`]);
  });

  it("--force kills first", async () => {
    const { calls } = await crish("rm -f app", node);
    assert.deepEqual(calls, [
      `stopContainer {"containerId":"${app.id}","timeout":0}`,
      `removeContainer {"containerId":"${app.id}"}`,
    ]);
  });

  it("deletes the log and its rotations and nothing beside; -k and a tcp endpoint keep them", async () => {
    const names = ["a.log", "a.log.1", "a.log.20260101.gz", "a.log2", "b.log"];
    const logPath = join(directory, "a.log");
    const status = createMessage(ContainerStatus, { id: done.id, state: 2, logPath });
    const answers = { containerStatus: () => ({ status, info: {} }) };
    for (const name of names) await writeFile(join(directory, name), "");
    await crish("rm -k done", { ...node, answers });
    await crish("rm done", { ...node, answers, endpoint: "tcp://10.0.0.1:1" });
    assert.deepEqual((await readdir(directory)).sort(), names);
    await crish("rm done", { ...node, answers });
    assert.deepEqual((await readdir(directory)).sort(), ["a.log2", "b.log"]);
  });

  it("keeps the log of what could not be removed", async () => {
    const logPath = join(directory, "b.log");
    const status = createMessage(ContainerStatus, { id: done.id, state: 2, logPath });
    const answers = {
      containerStatus: () => ({ status, info: {} }),
      removeContainer: () => {
        throw new StatusError("FailedPrecondition", "device busy");
      },
    };
    assert.equal((await crish("rm done", { ...node, answers })).status, 1);
    assert.ok((await readdir(directory)).includes("b.log"));
  });
});

describe("rmp", () => {
  it("refuses a pod that is ready without --force, which stops it first", async () => {
    assert.equal((await crish("rmp web", node)).status, 1);
    assert.deepEqual((await crish("rmp web", node)).calls, []);
    const { out } = await crish("rmp -f web old", node);
    assert.equal(out, "Stopped sandbox web\nRemoved sandbox web\nRemoved sandbox old\n");
  });
});

describe("rmi", () => {
  const two = fakeImage({ repoTags: ["docker.io/library/a:1", "docker.io/library/a:2"] });
  const pinned = fakeImage({ id: `sha256:${idFrom("p")}`, repoTags: ["p:1"], pinned: true });
  const used = fakeImage({ id: `sha256:${idFrom("u")}`, repoTags: ["docker.io/library/u:1"] });

  function imageStore(untagged: string[]): ImageStore {
    return {
      untag: async (name: string) => {
        untagged.push(name);
        return { removedImage: false };
      },
    } as unknown as ImageStore;
  }

  it("removes one tag where the backend can", async () => {
    const untagged: string[] = [];
    const contents = { images: [two], imageStore: imageStore(untagged) };
    const { out, calls } = await crish("rmi a:1 a:2", contents);
    assert.equal(out, "Deleted: docker.io/library/a:1\nDeleted: docker.io/library/a:2\n");
    assert.deepEqual(untagged, two.repoTags);
    assert.deepEqual(calls, []);
  });

  it("removes the whole image by ID, and over CRI, naming the other tags", async () => {
    const untagged: string[] = [];
    const byId = await crish(`rmi ${two.id}`, { images: [two], imageStore: imageStore(untagged) });
    assert.deepEqual([byId.calls.length, untagged], [1, []]);
    const overCri = await crish("rmi a:1", { images: [two] });
    assert.match(overCri.err, /a:1 is also tagged docker.io\/library\/a:2/);
    assert.equal(overCri.out, "Deleted: docker.io/library/a:1\nDeleted: docker.io/library/a:2\n");
  });

  it("asks on a terminal, and keeps the image where the answer is no", async () => {
    const terminal = {
      stdin: memoryInput({ isTty: true }),
      stderr: memoryOutput([], { isTty: true }),
    };
    const no = await crish(
      "rmi a:1",
      { images: [two] },
      { ...terminal, confirm: async () => false },
    );
    assert.deepEqual([no.status, no.calls], [1, []]);
    const yes = await crish(
      "rmi a:1",
      { images: [two] },
      { ...terminal, confirm: async () => true },
    );
    assert.deepEqual([yes.status, yes.calls.length], [0, 1]);
  });

  it("--prune leaves pinned images and those that a container uses", async () => {
    const container = fakeContainer({ name: "c", state: 2, imageRef: used.id });
    const contents = { images: [two, pinned, used], containers: [container] };
    const { calls } = await crish("rmi --prune", contents);
    assert.equal(calls.length, 1);
    assert.ok(calls[0]?.includes(two.id));
    assert.equal((await crish("rmi -a", contents)).calls.length, 3);
  });
});

describe("images", () => {
  const dated = (name: string, created: string) => ({
    image: fakeImage({ id: `sha256:${idFrom(name)}`, repoTags: [`docker.io/library/${name}:1`] }),
    created,
  });
  const list = [
    dated("b", "2020-01-01T00:00:00Z"),
    dated("a", "2022-01-01T00:00:00Z"),
    dated("c", "2021-01-01T00:00:00Z"),
  ];
  const answers = {
    imageStatus: (request: { image: { image: string }; verbose: boolean }) => {
      const found = list.find(({ image: { id } }) => id === request.image.image);
      const info = JSON.stringify({ imageSpec: { created: found?.created } });
      return { image: found?.image, info: request.verbose ? { info } : {} };
    },
  };
  const contents = { images: list.map((entry) => entry.image), answers };
  const names = ({ out }: Result) =>
    out
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => /library\/(\w)/.exec(line)?.[1]);

  it("are sorted by name, and filtered by repository", async () => {
    assert.deepEqual(names(await crish("images", contents)), ["a", "b", "c"]);
    assert.deepEqual(names(await crish("img b", contents)), ["b"]);
    assert.deepEqual(names(await crish("images b:2", contents)), [undefined].slice(1));
  });

  it("before and since compare dates of creation", async () => {
    assert.deepEqual(names(await crish("images -f before=c:1", contents)), ["b"]);
    assert.deepEqual(names(await crish("images -f since=c:1", contents)), ["a"]);
    assert.deepEqual(names(await crish("images -f since=b:1 -f reference=[ab]:1", contents)), [
      "a",
    ]);
    assert.equal((await crish("images -f since=x:1", contents)).status, 4);
    assert.equal((await crish("images -f size=1", contents)).status, 2);
  });

  it("without a tag have a row too", async () => {
    const untagged = fakeImage({ repoDigests: [`r.example/x@sha256:${idFrom("d")}`] });
    const { out } = await crish("images --digests", { images: [untagged] });
    assert.match(out, /^r\.example\/x\s+<none>\s+64000/m);
    assert.match((await crish("images", { images: [fakeImage({})] })).out, /^<none>\s+<none>/m);
  });
});

describe("stats", () => {
  const sample = (second: bigint, used: bigint) =>
    createMessage(ContainerStats, {
      attributes: createMessage(ContainerAttributes, {
        id: app.id,
        metadata: { name: "app", attempt: 0 },
      }),
      cpu: createMessage(CpuUsage, {
        timestamp: second * 1_000_000_000n,
        usageCoreNanoSeconds: { value: used },
      }),
    });

  it("measures CPU between two samples, and waits where the second is the first again", async () => {
    const samples = [sample(1n, 0n), sample(1n, 0n), sample(3n, 1_000_000_000n)];
    const answers = { listContainerStats: () => ({ stats: [samples.shift()] }) };
    const { out } = await crish("stats -s 1ms", { ...node, answers });
    assert.match(out, /^617070\S*\s+app\s+50\.00\s+0B\s+0B\s+0\s+0B$/m);
  });

  it("takes one sample for JSON, and writes no escape code on a pipe", async () => {
    let count = 0;
    const answers = { listContainerStats: () => ({ stats: [sample(BigInt(++count), 0n)] }) };
    const { out } = await crish("stats -o json", { ...node, answers });
    assert.equal(count, 1);
    assert.equal(JSON.parse(out).stats[0].attributes.id, app.id);
    const controller = new AbortController();
    const running = crish(
      "stats --watch -s 1ms",
      {
        ...node,
        answers: {
          listContainerStats: () => {
            if (++count > 8) controller.abort();
            return { stats: [sample(BigInt(count), 0n)] };
          },
        },
      },
      { signal: controller.signal },
    );
    const watched = await running;
    assert.equal(watched.status, 0);
    assert.ok(!watched.out.includes("\u001b"));
  });

  it("of what is not there ends with 4", async () => {
    assert.equal((await crish("stats nope", node)).status, 4);
  });
});

describe("inspect", () => {
  it("prints an object for one hit and a list for several, and reports what is missing", async () => {
    const one = await crish("inspect app", node);
    assert.deepEqual(Object.keys(JSON.parse(one.out).status).slice(0, 2), [
      "annotations",
      "createdAt",
    ]);
    assert.equal(JSON.parse((await crish("inspect app done", node)).out).length, 2);
    const partly = await crish("inspect app nope", node);
    assert.equal(partly.status, 4);
    assert.equal(JSON.parse(partly.out).status.id, app.id);
  });

  it("takes inspecti --name for a filter, which may leave nothing", async () => {
    const other = fakeImage({ id: `sha256:${idFrom("other")}` });
    const images = [fakeImage({ repoTags: ["docker.io/library/web:latest"] }), other];
    const named = await crish("inspecti --name web", { images });
    assert.deepEqual(JSON.parse(named.out).status.repoTags, ["docker.io/library/web:latest"]);
    const none = await crish("inspecti --name nope", { images });
    assert.deepEqual([none.status, none.out, none.err], [0, "", "nothing matches\n"]);
  });

  it("evaluates templates over the document, and knows a wrong one before it asks", async () => {
    const go = await crish("inspect -o go-template={{.status.id}} app", node);
    assert.deepEqual([go.status, go.out], [0, `${app.id}\n`]);
    const two = await crish("inspect -o jsonpath={[*].status.metadata.name} app done", node);
    assert.deepEqual([two.status, two.out], [0, "app done\n"]);
    const wrong = await crish("inspect -o go-template --template {{if app", node);
    assert.deepEqual([wrong.status, wrong.out, wrong.calls], [2, "", []]);
    assert.match(wrong.err, /Go template: an action is not closed/);
    const bare = await crish("inspect -o go-template app", node);
    assert.equal(bare.status, 2);
    assert.match(bare.err, /-o go-template needs a template/);
  });

  it("keeps exact what the runtime tells", async () => {
    const info = { info: '{"limit":18446744073709551615,"pid":7}', note: '"text"' };
    const status = createMessage(ContainerStatus, { id: app.id });
    const answers = { containerStatus: () => ({ status, info }) };
    const { out } = await crish("inspect app", { ...node, answers });
    assert.match(out, /"limit": 18446744073709551615,/);
    assert.equal(JSON.parse(out).note, "text");
    assert.equal(JSON.parse(out).status.finishedAt, "0001-01-01T00:00:00Z");
    assert.equal(JSON.parse(out).status.user, null);
  });
});

describe("pull and load", () => {
  it("pull says what it always said, and sends the credentials", async () => {
    const answers = { pullImage: () => ({ imageRef: "sha256:1" }) };
    const { out, calls } = await crish("pull --creds me:se:cret busybox", { answers });
    assert.equal(out, "Image is up to date for sha256:1\n");
    assert.match(calls[0] ?? "", /"username":"me","password":"se:cret"/);
  });

  it("pull refuses malformed credentials without printing them", async () => {
    for (const flags of ["--creds :x", "--auth %%%", "--creds a --auth b", "--pull-timeout -1s"]) {
      const { status, err, calls } = await crish(`pull ${flags} busybox`, {});
      assert.deepEqual([status, calls], [2, []], flags);
      assert.ok(!err.includes("%%%"));
    }
    const { err } = await crish("pull --creds you:hush --auth aHVzaA== busybox", {});
    assert.equal(err, "crish: --creds excludes --auth\n");
  });

  it("no password in an address that somebody typed is shown", async () => {
    const open = async () => {
      throw new StatusError("InvalidArgument", 'malformed endpoint "tcp://me:hush@host"');
    };
    const overrides = { backends: { open, close: async () => {} } };
    const { status, err } = await crish("pull busybox", {}, overrides);
    assert.equal(status, 2);
    assert.equal(err, 'crish: malformed endpoint "tcp://***@host"\n');
  });

  it("load on a remote backend is refused in one line that names the way out", async () => {
    const { status, err } = await crish("load a.tar", {});
    assert.equal(status, 1);
    assert.match(
      err,
      /^crish: .*ctr -n k8s\.io images import a\.tar \(containerd\), podman load -i a\.tar \(CRI-O\)\n$/,
    );
  });

  it("load refuses a file that is not there, and a directory", async () => {
    const imageStore = { load: () => assert.fail("loaded") } as unknown as ImageStore;
    assert.equal((await crish("load /nonexistent.tar", { imageStore })).status, 2);
    assert.equal((await crish("load /tmp", { imageStore })).status, 2);
    assert.equal((await crish("load a.tar -i b.tar", { imageStore })).status, 2);
  });
});
