import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runCommand } from "../../../../src/cli/run-command.ts";
import type { Container, ContainerState } from "../../../../src/cri/gen/runtime/v1/api.ts";
import {
  type FakeBackend,
  fakeBackend,
  fakeContainer,
  fakePod,
} from "../../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../../support/memory-session.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const RUNNING = 1;
const EXITED = 2;

const at = (second: number, text: string, stream = "stdout", tag = "F") =>
  `2026-01-02T03:04:${String(second).padStart(2, "0")}.5Z ${stream} ${tag} ${text}\n`;

interface LogOf {
  readonly name: string;
  readonly pod?: string;
  readonly attempt?: number;
  readonly state?: ContainerState;
  readonly labels?: Readonly<Record<string, string>>;
  readonly log?: string;
}

describe("the logs of several containers", () => {
  let directory = "";
  const containers: Container[] = [];
  const paths = new Map<string, string>();
  const pods = [
    fakePod({ name: "web", labels: { app: "web", tier: "front" } }),
    fakePod({ name: "db", labels: { app: "db" } }),
  ];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-logs-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  async function add({ name, pod = "web", attempt = 0, ...fields }: LogOf): Promise<Container> {
    const base = fakeContainer({ name: `${pod}-${name}-${attempt}` });
    const container: Container = {
      ...base,
      metadata: { name, attempt },
      state: fields.state ?? EXITED,
      labels: fields.labels ?? {},
      podSandboxId: pods.find(({ metadata }) => metadata?.name === pod)?.id ?? "",
      createdAt: BigInt(containers.length + 1),
    };
    const path = join(directory, pod, name, `${attempt}.log`);
    await mkdir(dirname(path), { recursive: true });
    if (fields.log !== undefined) await writeFile(path, fields.log);
    containers.push(container);
    paths.set(container.id, path);
    return container;
  }

  function backend(): FakeBackend {
    return fakeBackend({
      containers,
      pods,
      answers: {
        containerStatus: ({ containerId }: { containerId: string }) => {
          const container = containers.find(({ id }) => id === containerId);
          return { status: { ...container, logPath: paths.get(containerId) }, info: {} };
        },
      },
    });
  }

  function reset(): void {
    containers.length = 0;
    paths.clear();
  }

  async function logs(...words: string[]): Promise<{ status: number; out: string; err: string }> {
    const { session, out, err } = memorySession(backend());
    const status = await runCommand(["logs", ...words], session);
    return { status, out: out(), err: err() };
  }

  describe("that are there", () => {
    before(async () => {
      reset();
      await add({ name: "app", attempt: 0, log: at(1, "first try") });
      await add({
        name: "app",
        attempt: 1,
        log: at(10, "a1") + at(12, "a2", "stderr") + at(14, "a3"),
      });
      await add({
        name: "side",
        log: `${at(11, "s", "stdout", "P") + at(13, "1")}${at(14, "s2")}odd\n`,
      });
      await add({ name: "app", pod: "db", log: at(9, "d1") + at(15, "d2 error") });
      await add({ name: "late", pod: "db", state: 0 });
    });

    it("come by time, each line with its container, and each stream where it belongs", async () => {
      const { status, out, err } = await logs("side", "default/web/app");
      assert.equal(
        out,
        "[web/app]  a1\n[web/side] s1\n[web/side] s2\n[web/side] odd\n[web/app]  a3\n",
      );
      assert.deepEqual([status, err], [0, "[web/app]  a2\n"]);
    });

    it("of a pod are those of its containers, the newest attempt of each", async () => {
      for (const words of [["web"], ["--pod", "web"], ["--label", "app=web"]]) {
        const { status, out, err } = await logs(...words);
        assert.equal(
          out,
          "[web/app]  a1\n[web/side] s1\n[web/app]  a3\n[web/side] s2\n[web/side] odd\n",
        );
        assert.deepEqual([status, err], [0, "[web/app]  a2\n"]);
      }
    });

    it("of a selector are those of the pods that fit, by all its forms", async () => {
      const { out } = await logs("--selector", "app in (web, db),tier!=front", "--tail", "1");
      assert.equal(out, "[db/app]  d2 error\n");
    });

    it("have the last lines of each, and only what matches", async () => {
      assert.equal(
        (await logs("web", "db", "--tail", "1")).out,
        "[web/side] odd\n[web/app]  a3\n[db/app]   d2 error\n",
      );
      assert.equal(
        (await logs("db", "web", "--grep", "err|^s1")).out,
        "[web/side] s1\n[db/app]   d2 error\n",
      );
    });

    it("go without the containers' names, or have them where there is one", async () => {
      assert.equal(
        (await logs("web", "--prefix=false", "-s", "stdout")).out,
        "a1\ns1\na3\ns2\nodd\n",
      );
      assert.equal(
        (await logs("default/db/app", "--prefix", "--tail", "1")).out,
        "[db/app] d2 error\n",
      );
    });

    it("are objects for pipelines", async () => {
      const { out, err } = await logs("default/web/app", "-o", "jsonl", "--tail", "2");
      assert.deepEqual(
        out
          .trimEnd()
          .split("\n")
          .map((text) => JSON.parse(text)),
        [
          ["stderr", "12", "a2"],
          ["stdout", "14", "a3"],
        ].map(([stream, second, log]) => ({
          time: `2026-01-02T03:04:${second}.5Z`,
          stream,
          namespace: "default",
          pod: "web",
          container: "app",
          log,
        })),
      );
      assert.equal(err, "");
    });

    it("of earlier attempts are found by number, and all of them in order", async () => {
      const path = "default/web/app";
      assert.equal((await logs("-p", path)).out, "first try\n");
      assert.equal((await logs("--attempt", "0", path)).out, "first try\n");
      const all = await logs("--all-attempts", "-s", "stdout", path);
      assert.equal(all.out, "first try\na1\na3\n");
      assert.equal(all.err, "--- app, attempt 0 ---\n--- app, attempt 1 ---\n");
      const missing = await logs("--attempt", "7", path);
      assert.equal(missing.status, 4);
      assert.match(missing.err, /container "app" has no attempt 7\nhint: there is a log of 0, 1\n/);
      assert.equal((await logs("-p", "side")).status, 4);
    });

    it("end with the first failure's status, and the others are printed", async () => {
      const { status, out, err } = await logs("side", "nobody", "--tail", "1");
      assert.deepEqual([status, out], [4, "odd\n"]);
      assert.match(err, /container "nobody" not found/);
    });

    it("are none where nothing fits", async () => {
      assert.deepEqual(await logs("--label", "app=none"), {
        status: 0,
        out: "",
        err: "no container matches\n",
      });
    });

    it("are refused where the command line contradicts itself", async () => {
      for (const words of [
        ["side", "--pod", "web"],
        ["-p", "--attempt", "1", "side"],
        ["-f", "--until", "1m", "side"],
        ["--attempt", "-1", "side"],
        ["--grep", "(", "side"],
        ["--until", "soon", "side"],
        [],
      ]) {
        const { status, out } = await logs(...words);
        assert.deepEqual([status, out], [2, ""], words.join(" "));
      }
    });
  });

  describe("that are followed", { timeout: 30_000 }, () => {
    it("come as they arrive until all of the pod have ended; those that start meanwhile join", async () => {
      reset();
      const app = await add({ name: "app", state: RUNNING, log: at(1, "a1") });
      const side = await add({ name: "side", state: RUNNING, log: at(2, "s1") });
      const chunks: string[] = [];
      const { session } = memorySession(backend(), { stdout: memoryOutput(chunks) });
      const ended = runCommand(["logs", "-f", "web"], session);
      const until = (text: string) => waitUntil(text, () => chunks.join("").includes(text));
      await until("[web/app]  a1\n[web/side] s1\n");
      await appendFile(paths.get(app.id) ?? "", at(1, "half ", "stdout", "P"));
      await appendFile(paths.get(side.id) ?? "", at(1, "s2"));
      await until("s2\n");
      await appendFile(paths.get(app.id) ?? "", at(1, "whole"));
      await until("[web/app]  half whole\n");
      side.state = EXITED;
      const other = await add({ name: "other", state: RUNNING, log: at(3, "o1") });
      await until("[web/other] o1\n");
      app.state = EXITED;
      other.state = EXITED;
      assert.equal(await ended, 0);
    });

    it("of a selector go on until Ctrl-C, which is no failure", async () => {
      reset();
      const controller = new AbortController();
      const chunks: string[] = [];
      const { session } = memorySession(backend(), {
        stdout: memoryOutput(chunks),
        signal: controller.signal,
      });
      const ended = runCommand(["logs", "-f", "-t", "--label", "app=web"], session);
      await add({ name: "first", state: EXITED, log: at(1, "a1") });
      await waitUntil("it is there", () => chunks.join("").includes("a1"));
      await add({ name: "second", state: RUNNING, log: at(2, "b1") });
      await waitUntil("it is there", () => chunks.join("").includes("b1"));
      assert.match(chunks.join(""), /^\[web\/second\] 2026-01-02T03:04:02\.500000000Z b1$/m);
      controller.abort();
      assert.equal(await ended, 0);
    });
  });
});
