import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import type { ImageStore } from "../../../src/cri/image-store.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { type FakeContents, fakeBackend, fakeImage } from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";
import { ScreenEmulator } from "../../support/screen-emulator.ts";

async function crish(line: string, contents: FakeContents, overrides: Partial<Session> = {}) {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err(), calls: backend.calls };
}

interface PullRequest {
  readonly image: { readonly image: string; readonly annotations: Record<string, string> };
  readonly auth?: { readonly username: string; readonly password: string };
}

const pulling = (pullImage: (request: PullRequest) => unknown): FakeContents => ({
  answers: { pullImage },
});
const idOf = (reference: string) => ({ imageRef: `sha256:${reference}` });

describe("pull of several images", () => {
  it("pulls them at once and says of each which it was", async () => {
    const waiting: (() => void)[] = [];
    const pullImage = async ({ image }: PullRequest) => {
      // Nobody is served before all have come.
      await new Promise<void>((serve) => {
        waiting.push(serve);
        if (waiting.length === 3) for (const each of waiting) each();
      });
      return idOf(image.image);
    };
    const { status, out, err } = await crish("pull a:1 b:1 c:1", pulling(pullImage));
    assert.deepEqual([status, err], [0, ""]);
    assert.deepEqual(
      out.trimEnd().split("\n").sort(),
      ["a:1", "b:1", "c:1"].map((name) => `Image is up to date for sha256:${name} (${name})`),
    );
  });

  it("names the flag that has given the time, where it was too short", async () => {
    const late = () => {
      throw new StatusError("DeadlineExceeded", "late", { hint: "raise the limit with --timeout" });
    };
    for (const [line, flag] of [
      ["pull --pull-timeout 2s a:1", "--pull-timeout"],
      ["--timeout 2s pull a:1", "--timeout"],
    ] as const) {
      const { status, err } = await crish(line, pulling(late));
      assert.deepEqual([status, err], [3, `crish: late\nhint: raise the limit with ${flag}\n`]);
    }
  });

  it("is not stopped by one that fails, and ends with the first failure's status", async () => {
    const pullImage = ({ image }: PullRequest) => {
      if (image.image === "a:1") throw new StatusError("NotFound", 'no manifest of "a:1"');
      if (image.image === "c:1") throw new StatusError("Unavailable", "no registry");
      return idOf(image.image);
    };
    const { status, out, err } = await crish("pull b:1 a:1 c:1", pulling(pullImage));
    assert.equal(status, 4);
    assert.equal(out, "Image is up to date for sha256:b:1 (b:1)\n");
    // Each as soon as it is known.
    assert.deepEqual(err.trimEnd().split("\n").sort(), [
      'crish: could not pull "c:1": no registry',
      'crish: no manifest of "a:1"',
    ]);
  });

  it("asks for a password once, and sends credentials and annotations with each", async () => {
    let asked = 0;
    const askSecret = async () => {
      asked++;
      return "hush";
    };
    const requests: PullRequest[] = [];
    const pullImage = (request: PullRequest) => {
      requests.push(request);
      return idOf("x");
    };
    await crish("pull -u me -a k=v a:1 b:1", pulling(pullImage), { askSecret });
    assert.equal(asked, 1);
    assert.deepEqual(
      requests.map(({ image, auth }) => [image.image, image.annotations.k, auth?.password]),
      [
        ["a:1", "v", "hush"],
        ["b:1", "v", "hush"],
      ],
    );
  });

  it("pulls what is named twice once, however it is spelled", async () => {
    const { out, calls } = await crish(
      "pull app docker.io/library/app:latest app:latest",
      pulling(() => idOf("x")),
    );
    assert.equal(calls.length, 1);
    assert.equal(out, "Image is up to date for sha256:x\n");
  });

  it("refuses malformed options before anything is pulled, or asked", async () => {
    const askSecret = () => assert.fail("asked");
    for (const flags of ["--creds :x", "--pull-timeout -1s -u me"]) {
      const { status, calls } = await crish(`pull ${flags} a b`, {}, { askSecret });
      assert.deepEqual([status, calls], [2, []], flags);
    }
  });

  it("ends all with Ctrl-C, also those that wait, and says nothing of them", async () => {
    const ending = new AbortController();
    let started = 0;
    const pullImage = async () => {
      started++;
      if (started === 2) ending.abort();
      await new Promise((resolve) => {
        if (ending.signal.aborted) resolve(undefined);
        else ending.signal.addEventListener("abort", resolve);
      });
      throw new StatusError("Cancelled", "cancelled");
    };
    const names = Array.from({ length: 20 }, (_, index) => `i${index}:1`);
    const line = `pull ${names.join(" ")}`;
    const { status, out, err, calls } = await crish(line, pulling(pullImage), {
      signal: ending.signal,
    });
    assert.deepEqual([status, out, err], [130, "", ""]);
    assert.ok(calls.length < 10, `${calls.length} were started`);
  });
});

describe("pull of several images on a terminal", () => {
  it("has a line for each that is under way, below what has been told", async () => {
    const screen = new ScreenEmulator(100, 12);
    const all = /^Pulling a:1 .*1MB\/10MB.*\nPulling b:1 .*1MB\/10MB.*\nPulling c:1 .*1MB\/10MB/;
    const rest = /^Image is up to date for sha256:a:1 \(a:1\)\nPulling b:1 .*\nPulling c:1 .*9MB/;
    const shown = { all: Promise.withResolvers<void>(), rest: Promise.withResolvers<void>() };
    const write = async (chunk: string | Uint8Array) => {
      screen.write(String(chunk));
      const text = screen.screen().join("\n");
      if (all.test(text)) shown.all.resolve();
      if (rest.test(text)) shown.rest.resolve();
    };
    const output = memoryOutput([], { isTty: true, canRedraw: true, columns: () => 100, write });
    const pull: ImageStore["pull"] = async (reference, { onProgress }) => {
      const layer = { digest: "sha256:a", phase: "downloading", totalBytes: 10_000_000 } as const;
      onProgress?.({ layers: [{ ...layer, doneBytes: 1_000_000 }] });
      await shown.all.promise;
      onProgress?.({ layers: [{ ...layer, doneBytes: 9_000_000 }] });
      if (reference !== "a:1") await shown.rest.promise;
      if (reference === "b:1") throw new StatusError("Unknown", "it broke");
      return fakeImage({ id: `sha256:${reference}` });
    };
    const imageStore = { pull } as unknown as ImageStore;
    const overrides = { stdout: output, stderr: output };
    const { status } = await crish("pull a:1 b:1 c:1", { imageStore }, overrides);
    assert.equal(status, 1);
    const left = screen.all().sort();
    assert.deepEqual(left, [
      "Image is up to date for sha256:a:1 (a:1)",
      "Image is up to date for sha256:c:1 (c:1)",
      'crish: could not pull "b:1": it broke',
    ]);
  });
});

describe("load of several archives", () => {
  const load: ImageStore["load"] = async (archive) => {
    let text = "";
    for await (const chunk of archive) text += String(chunk);
    if (text === "broken") throw new StatusError("InvalidArgument", "it is no archive");
    return [{ imageId: `sha256:${text}`, references: [`docker.io/library/${text}:1`] }];
  };
  const imageStore = { load } as unknown as ImageStore;
  let cwd: string;

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), "crish-load-"));
    for (const name of ["one", "two", "broken"]) await writeFile(join(cwd, `${name}.tar`), name);
  });
  after(() => rm(cwd, { recursive: true }));

  it("loads them at once, reports each, and is not stopped by one that fails", async () => {
    const line = "load one.tar broken.tar none.tar two.tar";
    const { status, out, err } = await crish(line, { imageStore }, { cwd });
    assert.equal(status, 2);
    assert.deepEqual(out.trimEnd().split("\n").sort(), [
      "Loaded image: docker.io/library/one:1",
      "Loaded image: docker.io/library/two:1",
    ]);
    assert.deepEqual(err.trimEnd().split("\n").sort(), [
      'crish: cannot load "none.tar": no such file',
      'crish: could not load "broken.tar": it is no archive',
    ]);
  });

  it("takes stdin beside files, once, and a name for one archive alone", async () => {
    const stdin = memoryInput({ stream: () => Readable.from(["typed"]) });
    const { status, out } = await crish("load -q - one.tar", { imageStore }, { cwd, stdin });
    assert.equal(status, 0);
    assert.deepEqual(out.trimEnd().split("\n").sort(), ["sha256:one", "sha256:typed"]);
    for (const line of ["load - -", "load --name x one.tar two.tar", "load -i one.tar two.tar"]) {
      assert.equal((await crish(line, { imageStore }, { cwd })).status, 2, line);
    }
    assert.equal((await crish("load --name x one.tar", { imageStore }, { cwd })).status, 0);
  });
});

describe("runp of several files", () => {
  let cwd: string;

  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), "crish-runp-"));
    for (const name of ["one", "two"]) {
      const metadata = { name, namespace: "default", uid: name };
      await writeFile(join(cwd, `${name}.json`), JSON.stringify({ metadata }));
    }
    await writeFile(join(cwd, "bare.json"), "{}");
  });
  after(() => rm(cwd, { recursive: true }));

  it("prints the IDs in their order, and why one has none", async () => {
    const runPodSandbox = async ({ config }: { config: { metadata: { name: string } } }) => {
      if (config.metadata.name === "two") throw new StatusError("AlreadyExists", "it is there");
      return { podSandboxId: `id-of-${config.metadata.name}` };
    };
    const answers = { runPodSandbox };
    const line = "runp two.json bare.json one.json one.json";
    const { status, out, err } = await crish(line, { answers }, { cwd });
    assert.deepEqual([status, out], [1, "id-of-one\n"]);
    assert.equal(
      err,
      'crish: could not run the pod of "two.json": it is there\n' +
        'crish: "bare.json" has no metadata.name\n',
    );
    assert.equal((await crish("runp - -", { answers }, { cwd })).status, 2);
  });
});
