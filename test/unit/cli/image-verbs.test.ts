import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import type { ImageStore } from "../../../src/cri/image-store.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { type FakeContents, fakeBackend, fakeImage, idFrom } from "../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../support/memory-session.ts";

const app = fakeImage({
  id: `sha256:${idFrom("app")}`,
  repoTags: ["docker.io/library/app:1", "docker.io/library/app:2"],
});
const lone = fakeImage({ id: `sha256:${idFrom("lone")}`, repoTags: ["docker.io/library/lone:1"] });
const images = [app, lone];

/** What was asked of the store, and how it answers. */
function recordingStore(answers: Partial<ImageStore> = {}) {
  const asked: unknown[][] = [];
  const record =
    (name: string) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args.filter((arg) => typeof arg === "string" || Array.isArray(arg))]);
      return {};
    };
  const store = {
    untag: record("untag"),
    tag: record("tag"),
    history: record("history"),
    ...answers,
  } as unknown as ImageStore;
  return { store, asked };
}

async function crish(line: string, contents: FakeContents = {}, overrides: Partial<Session> = {}) {
  const { session, out, err } = memorySession(fakeBackend({ images, ...contents }), overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err() };
}

describe("image verbs beyond CRI", () => {
  it("are refused where CRI is all there is, with the tool of the runtime that answers", async () => {
    const tools: [string, RegExp, RegExp][] = [
      [
        "save -o a.tar app:1",
        /ctr -n k8s\.io images export a\.tar app:1$/,
        /podman save -o a\.tar app:1$/,
      ],
      ["load a.tar", /ctr -n k8s\.io images import a\.tar$/, /podman load -i a\.tar$/],
      ["tag app:1 b:1", /ctr -n k8s\.io images tag app:1 b:1$/, /podman tag app:1 b:1$/],
      ["untag app:1", /ctr -n k8s\.io images rm app:1$/, /podman untag app:1$/],
      ["push app:1 r.io/a:1", /images push r\.io\/a:1 app:1$/, /podman push app:1 r\.io\/a:1$/],
      ["history app:1", /nerdctl -n k8s\.io history app:1$/, /podman history app:1$/],
      ["images --disk-usage", /ctr -n k8s\.io images ls$/, /podman system df -v$/],
    ];
    for (const [line, containerd, crio] of tools) {
      for (const [runtimeName, tool] of [
        ["containerd", containerd],
        ["cri-o", crio],
      ] as const) {
        const { status, err, out } = await crish(line, {
          answers: { version: () => ({ runtimeName }) },
        });
        assert.deepEqual([status, out], [1, ""], line);
        assert.match(err.trimEnd(), tool);
        assert.equal(err.split("\n").length, 2, err);
      }
    }
  });

  it("fail as other verbs do where the runtime does not answer", async () => {
    const version = () => {
      throw new StatusError("Unavailable", "no answer");
    };
    const { status, err } = await crish("save app:1", { answers: { version } });
    assert.deepEqual([status, err], [3, "crish: no answer\n"]);
  });

  it("find images as other verbs do, and end with 4 where there is none", async () => {
    const { store } = recordingStore();
    for (const line of [
      "save app:3",
      "tag app:3 x",
      "untag app:3",
      "push app:3",
      "history app:3",
    ]) {
      const { status, err } = await crish(line, { imageStore: store });
      assert.equal(status, 4, line);
      assert.match(err, /image "app:3" not found/);
    }
  });

  it("tag asks with the name that was spelled, and goes on behind a failure", async () => {
    const tag = async (_source: string, target: string) => {
      if (target === "Bad") throw new StatusError("InvalidArgument", 'no name "Bad"');
    };
    const failing = await crish("tag app:1 Bad good:1", {
      imageStore: recordingStore({ tag }).store,
    });
    assert.deepEqual(failing, {
      status: 2,
      out: "Tagged: good:1\n",
      err: 'crish: no name "Bad"\n',
    });
    const { store, asked } = recordingStore();
    await crish("tag app:1 x:1", { imageStore: store });
    await crish(`tag ${app.id.slice(7, 19)} y:1`, { imageStore: store });
    assert.deepEqual(asked, [
      ["tag", "docker.io/library/app:1", "x:1"],
      ["tag", app.id, "y:1"],
    ]);
  });

  it("untag leaves the last tag, also where all of them are named at once", async () => {
    const { store, asked } = recordingStore();
    const { status, out, err } = await crish("untag app:1 app:2 lone:1", { imageStore: store });
    assert.equal(status, 1);
    assert.equal(out, "Untagged: docker.io/library/app:1\n");
    assert.match(err, /"docker.io\/library\/app:2" is the last tag of its image/);
    assert.match(err, /crish rmi docker.io\/library\/lone:1/);
    assert.deepEqual(asked, [["untag", "docker.io/library/app:1"]]);
    const byId = await crish(`untag ${app.id}`, { imageStore: store });
    assert.equal(byId.status, 2);
  });

  it("push tells the digest, and which platforms stay behind", async () => {
    const asked: unknown[] = [];
    const push: ImageStore["push"] = async (reference, { target, auth }) => {
      asked.push([reference, target, auth]);
      return { reference: "r.io/app:1", digest: "sha256:d", missingPlatforms: ["linux/arm64"] };
    };
    const { store } = recordingStore({ push });
    const { out, err } = await crish("push app:1 r.io/app:1", { imageStore: store });
    assert.equal(out, "Pushed: r.io/app:1@sha256:d\n");
    assert.match(
      err,
      /^only this platform's image was pushed: linux\/arm64 of its index is not here\n$/,
    );
    const quiet = await crish("push -q --creds me:secret app:2", { imageStore: store });
    assert.equal(quiet.out, "sha256:d\n");
    assert.deepEqual(asked, [
      ["docker.io/library/app:1", "r.io/app:1", undefined],
      ["docker.io/library/app:2", undefined, { username: "me", password: "secret" }],
    ]);
  });

  it("history is a table, IDs of layers, or documents", async () => {
    const history: ImageStore["history"] = async () => [
      {
        created: "",
        createdBy: `CMD ${"x".repeat(60)}`,
        author: "",
        comment: "c",
        emptyLayer: true,
        sizeBytes: 0,
      },
      {
        created: "2020-01-01T00:00:00Z",
        createdBy: "ADD",
        author: "",
        comment: "",
        emptyLayer: false,
        diffId: `sha256:${idFrom("layer")}`,
      },
    ];
    const { store } = recordingStore({ history });
    const table = await crish("history app:1", { imageStore: store });
    const [heading, first, second] = table.out.split("\n").map((line) => line.split(/\s{2,}/));
    assert.deepEqual(heading, ["LAYER", "CREATED", "CREATED BY", "SIZE", "COMMENT"]);
    assert.deepEqual(first?.[0], "<none>");
    assert.ok(first?.[2]?.endsWith("…") && first[2].length === 45);
    assert.match(second?.join(" ") ?? "", /years ago ADD unknown/);
    const ids = await crish("history -q app:1", { imageStore: store });
    assert.equal(ids.out, `<none>\nsha256:${idFrom("layer")}\n`);
    const json = await crish("history -o jsonl app:1", { imageStore: store });
    assert.deepEqual(
      json.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).emptyLayer),
      [true, false],
    );
    const sorted = await crish("history --sort-by size --columns size --no-headers app:1", {
      imageStore: store,
    });
    assert.equal(sorted.out, "unknown\n0B\n");
    const path = await crish("history -o jsonpath={[*].comment} app:1", { imageStore: store });
    assert.equal(path.out, "c \n");
  });

  it("history of one step is a list, too", async () => {
    const step = { created: "", createdBy: "", author: "", comment: "", emptyLayer: true };
    const { store } = recordingStore({ history: async () => [step] });
    const { out } = await crish("history -o json app:1", { imageStore: store });
    assert.deepEqual(JSON.parse(out), [step]);
  });

  it("history of several images says of each step whose it is, and reports what is not there", async () => {
    const history: ImageStore["history"] = async (name) => [
      {
        created: "2020-01-01T00:00:00Z",
        createdBy: `ADD ${name}`,
        author: "",
        comment: "",
        emptyLayer: false,
        diffId: `sha256:${idFrom(name)}`,
        sizeBytes: 7,
      },
    ];
    const contents = { imageStore: recordingStore({ history }).store };
    const table = await crish("history app:1 nope lone:1", contents);
    assert.equal(table.status, 4);
    assert.match(table.err, /^crish: image "nope" not found\n/);
    const [heading = "", ...rows] = table.out.trimEnd().split("\n");
    assert.match(heading, /^IMAGE +LAYER +CREATED +CREATED BY +SIZE +COMMENT$/);
    assert.deepEqual(
      rows.map((row) => row.split(/\s{2,}/)[0]),
      ["app:1", "lone:1"],
    );
    const ids = await crish("history -q lone:1 app:1", contents);
    const idOf = (name: string) => `sha256:${idFrom(`docker.io/library/${name}`)}\n`;
    assert.deepEqual([ids.status, ids.out], [0, idOf("lone:1") + idOf("app:1")]);
    const documents = JSON.parse((await crish("history -o json app:1 lone:1", contents)).out);
    assert.deepEqual(
      documents.map(({ image, createdBy }: Record<string, string>) => [image, createdBy]),
      [
        ["app:1", "ADD docker.io/library/app:1"],
        ["lone:1", "ADD docker.io/library/lone:1"],
      ],
    );
    const lines = (await crish("history -o jsonl app:1 lone:1", contents)).out.trim().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).image),
      ["app:1", "lone:1"],
    );
    const none = await crish("history nope neither", contents);
    assert.deepEqual([none.status, none.out], [4, ""]);
  });

  it("images of several repositories are those of any", async () => {
    const other = fakeImage({ id: `sha256:${idFrom("other")}`, repoTags: ["r.io/other:1"] });
    const contents = { images: [app, lone, other] };
    const { out } = await crish("images -o name app:2 r.io/other nope", contents);
    assert.deepEqual(out.trim().split("\n"), ["docker.io/library/app:1", "r.io/other:1"]);
  });

  it("images tell what they take on disk where that is asked for", async () => {
    let calls = 0;
    const diskUsage: ImageStore["diskUsage"] = async () => {
      calls++;
      return [
        { imageId: app.id, uniqueBytes: 1_000_000, sharedBytes: 2_000_000, contentBytes: 500 },
      ];
    };
    const { store } = recordingStore({ diskUsage });
    await crish("images", { imageStore: store });
    assert.equal(calls, 0);
    const { out } = await crish("images --disk-usage", { imageStore: store });
    assert.match(out, /UNIQUE +SHARED +CONTENT/);
    assert.match(out, /app +1 .* 1MB +2MB +500B/);
    const columns = await crish("images --columns image,unique --sort-by -unique", {
      imageStore: store,
    });
    assert.match(columns.out, /^IMAGE +UNIQUE\n.*app +1MB\n/);
  });
});

describe("save", async () => {
  const directory = await mkdtemp(join(tmpdir(), "crish-save-"));
  after(() => rm(directory, { recursive: true }));
  const imageStore = recordingStore({
    save: async (references, archive) => {
      await new Promise((resolve) => archive.write(references.join(","), resolve));
    },
  }).store;
  const broken = recordingStore({
    save: async (_references, archive) => {
      await new Promise((resolve) => archive.write("half", resolve));
      throw new StatusError("DataLoss", "damaged");
    },
  }).store;

  it("writes a file that appears when it is whole, or the old one stays", async () => {
    const file = join(directory, "a.tar");
    await writeFile(file, "old");
    const failed = await crish(`save -o ${file} app:1`, { imageStore: broken });
    assert.deepEqual([failed.status, failed.err], [1, "crish: damaged\n"]);
    assert.equal(await readFile(file, "utf8"), "old");
    await chmod(file, 0o600);
    await symlink("a.tar", join(directory, "link.tar"));
    const saved = await crish(`save -o ${join(directory, "link.tar")} app:1 lone:1`, {
      imageStore,
    });
    assert.deepEqual(saved, { status: 0, out: "", err: "" });
    assert.equal(await readFile(file, "utf8"), "docker.io/library/app:1,docker.io/library/lone:1");
    assert.deepEqual((await readdir(directory)).sort(), ["a.tar", "link.tar"]);
  });

  it("writes to stdout and into devices", async () => {
    const { out } = await crish("save app:1", { imageStore });
    assert.equal(out, "docker.io/library/app:1");
    assert.equal((await crish("save -o /dev/null app:1", { imageStore })).status, 0);
  });

  it("refuses a terminal, a directory, and where nothing can be", async () => {
    const stdout = memoryOutput([], { isTty: true });
    const terminal = await crish("save app:1", { imageStore }, { stdout });
    assert.equal(terminal.status, 2);
    assert.match(terminal.err, /not written to the terminal/);
    for (const [path, reason] of [
      [directory, "it is a directory"],
      [join(directory, "none", "a.tar"), "no such file"],
      [join(directory, "a.tar", "b"), "part of the path is not a directory"],
    ] as const) {
      const { status, err } = await crish(`save -o ${path} app:1`, { imageStore });
      assert.equal(status, 2);
      assert.equal(err, `crish: cannot write "${path}": ${reason}\n`);
    }
  });
});
