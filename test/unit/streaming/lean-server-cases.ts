import assert from "node:assert/strict";
import { once } from "node:events";
import type { Streams } from "../../../src/cri/backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { createStreamingServer } from "../../../src/runtime/streaming/streaming-server.ts";
import { leanExec } from "../../../src/streaming/lean/lean-exec.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import type { TestCase } from "../../support/test-case.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { execRequest } from "./exec-request.ts";
import { inProcessStreams, pattern, patternDigest } from "./in-process-streams.ts";
import { outputRecord } from "./output-record.ts";

const MIB = 1024 * 1024;
const REQUEST = execRequest([]);

async function start(cleanup: Cleanup, exec?: Streams["exec"]) {
  const streams = inProcessStreams();
  const server = await createStreamingServer({
    streams: exec === undefined ? streams : { ...streams, exec },
  });
  cleanup.add("close the server", () => server.close());
  return {
    server,
    url: (...cmd: string[]) => server.execUrl(execRequest(cmd)),
    async run(...cmd: string[]) {
      const out = outputRecord();
      const io = { write: out.write, signal: new AbortController().signal };
      const { exitCode } = await leanExec(server.execUrl(execRequest(cmd)), REQUEST, io);
      return { exitCode, stdout: out.text("stdout"), stderr: out.text("stderr"), out };
    },
  };
}

/** Writes as fast as it is taken and tells how much that was. */
function producer(sizeBytes: number) {
  const made = { bytes: 0 };
  const exec: Streams["exec"] = async (_request, io) => {
    for (const chunk of pattern(sizeBytes)) {
      if (io.signal.aborted) break;
      made.bytes += chunk.length;
      await new Promise<void>((resolve) => io.stdout?.write(chunk, () => resolve()));
    }
    return { exitCode: 0 };
  };
  return { made, exec };
}

export const CASES: readonly TestCase[] = [
  {
    title: "resolves to the status, with output and errors apart",
    async run(cleanup) {
      const { run } = await start(cleanup);
      for (const status of [0, 1, 126, 137, 255]) {
        assert.equal((await run("exit", String(status))).exitCode, status);
      }
      const { exitCode, stdout, stderr } = await run("both");
      assert.deepEqual([exitCode, stdout, stderr], [3, "out", "err"]);
    },
  },
  {
    title: "brings 100 MB whole",
    async run(cleanup) {
      const { run } = await start(cleanup);
      const { exitCode, out } = await run("produce", String(100 * MIB));
      assert.deepEqual([exitCode, out.size("stdout")], [0, 100 * MIB]);
      assert.equal(out.digest("stdout"), patternDigest(100 * MIB));
    },
  },
  {
    title: "brings both channels whole where they write at once",
    async run(cleanup) {
      const { run } = await start(cleanup, async (_request, { stdout, stderr }) => {
        const put = async (sink: NodeJS.WritableStream | undefined) => {
          for (const chunk of pattern(5 * MIB)) {
            await new Promise<void>((resolve) => sink?.write(chunk, () => resolve()));
          }
        };
        await Promise.all([put(stdout), put(stderr)]);
        return { exitCode: 9 };
      });
      const { exitCode, out } = await run();
      assert.equal(exitCode, 9);
      const digest = patternDigest(5 * MIB);
      assert.deepEqual([out.digest("stdout"), out.digest("stderr")], [digest, digest]);
    },
  },
  {
    title: "says NotFound to a URL that was used, and tells of a program that is missing",
    async run(cleanup) {
      const { url, run } = await start(cleanup);
      const io = { write: outputRecord().write, signal: new AbortController().signal };
      const once = url("exit", "0");
      assert.deepEqual(await leanExec(once, REQUEST, io), { exitCode: 0 });
      await assert.rejects(leanExec(once, REQUEST, io), { code: "NotFound" });
      await assert.rejects(run("fail", "NotFound"), {
        code: "NotFound",
        message: "no such container",
      });
      await assert.rejects(run("fail", "PermissionDenied"), { code: "PermissionDenied" });
    },
  },
  {
    title: "tells once that the remote side is connected, before any output",
    async run(cleanup) {
      const { url } = await start(cleanup);
      const told: string[] = [];
      const io = {
        write: async (channel: string) => void told.push(channel),
        signal: new AbortController().signal,
        onOpen: () => void told.push("open"),
      };
      await leanExec(url("both"), REQUEST, io);
      assert.deepEqual(told, ["open", "stdout", "stderr"]);
    },
  },
  {
    title: "holds the command back while nothing is taken, and goes on after it",
    async run(cleanup) {
      const { made, exec } = producer(60 * MIB);
      const { url } = await start(cleanup, exec);
      const gate = Promise.withResolvers<void>();
      const out = outputRecord(() => gate.promise);
      const io = { write: out.write, signal: new AbortController().signal };
      const running = leanExec(url(), REQUEST, io);
      let last = -1;
      await waitUntil(
        "production stands still",
        () => {
          const isStill = made.bytes > 0 && made.bytes === last;
          last = made.bytes;
          return isStill;
        },
        { intervalMs: 200 },
      );
      assert.ok(made.bytes < 20 * MIB, `${made.bytes} bytes`);
      gate.resolve();
      assert.deepEqual(await running, { exitCode: 0 });
      assert.equal(out.digest("stdout"), patternDigest(60 * MIB));
    },
  },
  {
    title: "ends with Aborted as soon as either output cannot be written, and the command with it",
    async run(cleanup) {
      for (const failing of ["stdout", "stderr"]) {
        const aborted = Promise.withResolvers<void>();
        const { url } = await start(cleanup, async (_request, io) => {
          io.stdout?.write("o");
          io.stderr?.write("e");
          await once(io.signal, "abort");
          aborted.resolve();
          return { exitCode: 0 };
        });
        const cause = new StatusError("ResourceExhausted", "no room");
        const write = async (channel: string) => {
          if (channel === failing) throw cause;
        };
        const io = { write, signal: new AbortController().signal };
        const running = leanExec(url(), REQUEST, io);
        await assert.rejects(running, {
          code: "Aborted",
          message: "output cannot be written",
          cause,
        });
        await aborted.promise;
      }
    },
  },
  {
    title: "says Cancelled when it is interrupted, before it begins and while the command runs",
    async run(cleanup) {
      const { url } = await start(cleanup);
      const { write } = outputRecord();
      const early = leanExec(url("hang"), REQUEST, { write, signal: AbortSignal.abort() });
      await assert.rejects(early, { code: "Cancelled" });
      const controller = new AbortController();
      const io = { write, signal: controller.signal, onOpen: () => controller.abort() };
      await assert.rejects(leanExec(url("hang"), REQUEST, io), { code: "Cancelled" });
    },
  },
  {
    title: "says Cancelled also while a write does not end, and writes nothing more when it does",
    async run(cleanup) {
      const { url } = await start(cleanup, producer(60 * MIB).exec);
      const gate = Promise.withResolvers<void>();
      const controller = new AbortController();
      const out = outputRecord(() => gate.promise);
      const running = leanExec(url(), REQUEST, { write: out.write, signal: controller.signal });
      await waitUntil("something is written", () => out.size("stdout"));
      controller.abort();
      await assert.rejects(running, { code: "Cancelled" });
      const before = out.size("stdout");
      gate.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(out.size("stdout"), before);
    },
  },
  {
    title: "says Unavailable when the server is closed, and where nobody listens",
    async run(cleanup) {
      const { url, server } = await start(cleanup);
      const { write } = outputRecord();
      const signal = new AbortController().signal;
      const opened = Promise.withResolvers<void>();
      const running = leanExec(url("hang"), REQUEST, { write, signal, onOpen: opened.resolve });
      await opened.promise;
      const gone = assert.rejects(running, { code: "Unavailable" });
      await Promise.all([gone, server.close()]);
      const nobody = leanExec("http://127.0.0.1:1/exec/x", REQUEST, { write, signal });
      await assert.rejects(nobody, {
        code: "Unavailable",
        message: 'streaming server "127.0.0.1:1" cannot be reached',
      });
    },
  },
  {
    title: "refuses what is no http URL",
    async run() {
      const io = { write: outputRecord().write, signal: new AbortController().signal };
      await assert.rejects(leanExec("ftp://x/", REQUEST, io), { code: "InvalidArgument" });
      await assert.rejects(leanExec("nonsense", REQUEST, io), { code: "InvalidArgument" });
    },
  },
  {
    title: "opens no other channels than those that the request has",
    async run(cleanup) {
      const { server } = await start(cleanup);
      for (const [wanted, text] of [
        ["stdout", "out"],
        ["stderr", "err"],
      ] as const) {
        const fields = { stdout: wanted === "stdout", stderr: wanted === "stderr" };
        const request = execRequest(["both"], fields);
        const out = outputRecord();
        const io = { write: out.write, signal: new AbortController().signal };
        assert.deepEqual(await leanExec(server.execUrl(request), request, io), { exitCode: 3 });
        assert.equal(out.text("stdout") + out.text("stderr"), text);
      }
    },
  },
];
