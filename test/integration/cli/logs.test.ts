import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { watchOutput } from "../../support/child-output.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { waitUntil } from "../../support/wait-until.ts";

const ENTRY = "2026-01-02T03:04:05.1Z";
const BIG_LINES = 150_000;

function describeLogs(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`logs on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let logDirectory = "";
    let podFile = "";
    let podId = "";
    before(async () => {
      target = await open(cleanup);
      podFile = join(target.directory, "pod.json");
      logDirectory = join(target.directory, "logs");
      await mkdir(logDirectory);
      const metadata = { name: "web", namespace: "shop", uid: "logs-of-web" };
      const pod = { metadata, log_directory: logDirectory, labels: { app: "web" }, linux: {} };
      await writeFile(podFile, JSON.stringify(pod));
      podId = await target.out(["runp", podFile]);
    });

    /** Starts a container of the pod that runs the script; resolves to the path of its log. */
    async function start(container: string, script: string, attempt = 0): Promise<string> {
      const file = join(target.directory, `${container}.json`);
      const config = {
        metadata: { name: container, attempt },
        image: { image: target.image },
        command: ["sh", "-c", script],
        log_path: `${container}/${attempt}.log`,
      };
      await writeFile(file, JSON.stringify(config));
      await target.out(["start", await target.out(["create", podId, file, podFile])]);
      return join(logDirectory, container, `${attempt}.log`);
    }

    it("of a followed pod come with their containers, one that joins too, until all have ended", async () => {
      const wait = "until [ -e /go ]; do sleep 0.05; done";
      await start("one", `echo a; echo b >&2; ${wait}; echo c`);
      await start("two", `echo d; ${wait}`);
      const child = target.spawn(["logs", "-f", "web"]);
      const { stdout, stderr } = outputsOf(child);
      const [out, errors] = [text(stdout), text(stderr)];
      const ended = once(child, "close");
      const shown = watchOutput(child);
      await shown.waitFor(/ d$/m);
      await start("three", "echo e");
      await shown.waitFor(/ e$/m);
      for (const each of ["one", "two"]) await target.out(["exec", each, "touch", "/go"]);
      const [status] = await ended;
      const lines = (await out).trimEnd().split("\n");
      assert.deepEqual(lines.map((line) => line.replace(/ +/, " ")).sort(), [
        "[web/one] a",
        "[web/one] c",
        "[web/three] e",
        "[web/two] d",
      ]);
      assert.deepEqual([status, await errors], [0, "[web/one] b\n"]);
    });

    it("end with 0 at Ctrl-C where they are followed", async () => {
      await start("endless", "while :; do echo tick; sleep 0.1; done");
      const child = target.spawn(["logs", "-f", "endless"]);
      const ended = once(child, "close");
      await once(child.stdout ?? child, "data");
      child.kill("SIGINT");
      assert.deepEqual(await ended, [0, null]);
    });

    it("are whole through a rotation, compressed or not", async () => {
      const path = await start(
        "rotated",
        "echo 1; until [ -e /go ]; do sleep 0.05; done; echo 2; echo 3; sleep 1000",
      );
      await waitUntil("it logs", async () => (await readFile(path, "utf8")).includes("F 1"));
      await rename(path, `${path}.20260101-000000`);
      assert.equal(await target.out(["logs", "-r", "rotated"]), "1");
      await target.out(["exec", "rotated", "touch", "/go"]);
      await waitUntil("it goes on", async () => (await readFile(path, "utf8")).includes("F 3"));
      assert.equal(await target.out(["logs", "rotated"]), "1\n2\n3");
      assert.equal(await target.out(["logs", "--tail", "2", "rotated"]), "2\n3");
    });

    it("are found of all attempts, in the runtime and beside the log", async () => {
      const path = await start("again", "echo second", 1);
      await writeFile(join(dirname(path), "0.log"), `${ENTRY} stdout F first\n`);
      await waitUntil(
        "it has ended",
        async () => (await target.out(["logs", "again"])) === "second",
      );
      assert.equal(await target.out(["logs", "-p", "again"]), "first");
      const { stdout, stderr, status } = await target.crish(["logs", "--all-attempts", "again"]);
      assert.deepEqual(
        [status, stdout, stderr],
        [0, "first\nsecond\n", "--- again, attempt 0 ---\n--- again, attempt 1 ---\n"],
      );
    });

    it("come unchanged through a pipe whose reader is slow, each stream on its own", async () => {
      const path = await start("big", "true");
      const lineOf = (index: number) => `${index} ${"x".repeat(index % 150)}`;
      const streamOf = (index: number) => (index % 10 === 0 ? "stderr" : "stdout");
      const indexes = Array.from({ length: BIG_LINES }, (_, index) => index);
      const all = indexes.map((index) => `${ENTRY} ${streamOf(index)} F ${lineOf(index)}\n`);
      await waitUntil("it has ended", async () => (await target.out(["logs", "big"])) === "");
      await writeFile(path, all.join(""));
      const child = target.spawn(["logs", "big"]);
      const pieces: Buffer[] = [];
      const { stdout, stderr } = outputsOf(child);
      const errors = text(stderr);
      for await (const piece of stdout) {
        if (pieces.push(piece) % 64 === 1) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const textOf = (stream: string) =>
        indexes
          .filter((index) => streamOf(index) === stream)
          .map((index) => `${lineOf(index)}\n`)
          .join("");
      assert.ok(Buffer.concat(pieces).toString() === textOf("stdout"), "stdout differs");
      assert.ok((await errors) === textOf("stderr"), "stderr differs");
    });
  });
}

function outputsOf({ stdout, stderr }: ChildProcess): { stdout: Readable; stderr: Readable } {
  assert.ok(stdout !== null && stderr !== null);
  return { stdout, stderr };
}

describeLogs("embedded", embeddedCli);
describeLogs("containerd", containerdCli);
