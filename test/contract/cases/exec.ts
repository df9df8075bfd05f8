import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { contractCase } from "../contract-case.ts";
import { collector, unread } from "../stream-ends.ts";
import type { World } from "../world.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const execCases = [
  contractCase(
    "exec",
    ["success", "repetition"],
    "gives an http URL, a new one each time",
    async (world) => {
      const { id } = await world.sharedContainer();
      const request = execRequest(id, ["true"]);
      const first = await world.runtime.exec(request);
      assert.match(first.url, /^https?:\/\/.+/);
      assert.notEqual((await world.runtime.exec(request)).url, first.url);
    },
  ),
  contractCase("exec", ["unknown"], "an unknown container is not found", async (world) => {
    await world.refuses(world.runtime.exec(execRequest(UNKNOWN_ID, ["true"])), "NotFound");
  }),
  contractCase("exec", ["invalid"], "no stream at all is refused", async (world) => {
    const { id } = await world.sharedContainer();
    const request = { ...execRequest(id, ["true"]), stdout: false, stderr: false };
    await world.refuses(world.runtime.exec(request), "InvalidArgument");
  }),
  contractCase(
    "streams",
    [],
    "exec: stdout is exact, stderr empty, the end comes by itself",
    async (world) => {
      assert.deepEqual(await exec(world, ["echo", "-n", "hello"]), outcome(0, "hello", ""));
    },
  ),
  contractCase(
    "streams",
    [],
    "exec: both streams and the exit code are kept apart",
    async (world) => {
      const script = "echo out; echo err >&2; exit 42";
      assert.deepEqual(await exec(world, ["sh", "-c", script]), outcome(42, "out\n", "err\n"));
    },
  ),
  contractCase(
    "streams",
    [],
    "exec: the end of stdin reaches the process, and nothing is lost",
    async (world) => {
      assert.deepEqual(await exec(world, ["cat"], "hi\n"), outcome(0, "hi\n", ""));
      // containerd may for ever wait to open a stdin that has ended before, without a byte.
      const { runtimeName } = await world.runtime.version({ version: "0.1.0" });
      if (runtimeName !== "containerd") {
        assert.deepEqual(await exec(world, ["cat"], ""), outcome(0, "", ""));
      }
      const { id } = await world.sharedContainer();
      const stdin = unread();
      const stdout = collector(() => stdin.push(null));
      const request = { ...execRequest(id, ["sh", "-c", "echo up; exec cat"]), stdin: true };
      const io = { stdin, stdout, stderr: collector(), signal: NEVER };
      const { exitCode } = await world.backend.streams.exec(request, io);
      assert.deepEqual([exitCode, stdout.text()], [0, "up\n"]);
    },
  ),
  contractCase(
    "streams",
    [],
    "exec: a process that ignores its stdin ends all the same",
    async (world) => {
      const { id } = await world.sharedContainer();
      const stdout = collector();
      const request = { ...execRequest(id, ["echo", "done"]), stdin: true };
      const io = { stdin: unread(), stdout, stderr: collector(), signal: NEVER };
      const { exitCode } = await world.backend.streams.exec(request, io);
      assert.equal(exitCode, 0);
      assert.equal(stdout.text(), "done\n");
    },
  ),
  contractCase(
    "streams",
    [],
    "exec: eight mebibytes go in and come out as they were",
    async (world) => {
      const bytes = randomBytes(8 << 20);
      const { id } = await world.sharedContainer();
      const stdout = collector();
      const request = { ...execRequest(id, ["cat"]), stdin: true };
      const io = { stdin: Readable.from([bytes]), stdout, stderr: collector(), signal: NEVER };
      const { exitCode } = await world.backend.streams.exec(request, io);
      assert.equal(exitCode, 0);
      assert.equal(digest(stdout.bytes()), digest(bytes));
    },
  ),
  contractCase("streams", [], "exec: a process killed by signal 9 is 137", async (world) => {
    assert.equal((await exec(world, ["sh", "-c", "kill -9 $$"])).exitCode, 137);
  }),
  contractCase(
    "streams",
    [],
    "exec: with a terminal there is one, of the size given",
    async (world) => {
      const { id } = await world.sharedContainer();
      const stdout = collector();
      // The size may come when the process runs already.
      const script = "tty; until stty size 2>/dev/null | grep '^37 91$'; do sleep 0.05; done";
      const request = {
        ...execRequest(id, ["sh", "-c", script]),
        tty: true,
        stdin: true,
        stderr: false,
      };
      const resize = (async function* () {
        yield { columns: 91, rows: 37 };
      })();
      const io = { stdin: unread(), stdout, resize, signal: NEVER };
      const { exitCode } = await world.backend.streams.exec(request, io);
      assert.equal(exitCode, 0);
      assert.match(stdout.text(), /\/dev\/(pts\/\d+|console)\r\n37 91/);
    },
  ),
  contractCase("streams", [], "exec: an abort ends it with Cancelled", async (world) => {
    const { id } = await world.sharedContainer();
    const abort = new AbortController();
    const stdout = collector(() => abort.abort());
    const request = execRequest(id, ["sh", "-c", "echo started; exec sleep 30"]);
    const io = { stdout, stderr: collector(), signal: abort.signal };
    await world.refuses(world.backend.streams.exec(request, io), "Cancelled");
  }),
  contractCase("streams", [], "exec: an unknown container is not found", async (world) => {
    const io = { stdout: collector(), stderr: collector(), signal: NEVER };
    const call = world.backend.streams.exec(execRequest(UNKNOWN_ID, ["true"]), io);
    await world.refuses(call, "NotFound");
  }),
];

const NEVER = new AbortController().signal;

function execRequest(containerId: string, cmd: string[]) {
  return { containerId, cmd, tty: false, stdin: false, stdout: true, stderr: true };
}

async function exec(world: World, cmd: string[], input?: string) {
  const { id } = await world.sharedContainer();
  const [stdout, stderr] = [collector(), collector()];
  const request = { ...execRequest(id, cmd), stdin: input !== undefined };
  const stdin = Readable.from(input === undefined || input === "" ? [] : [Buffer.from(input)]);
  const io = { stdin, stdout, stderr, signal: NEVER };
  const { exitCode } = await world.backend.streams.exec(request, io);
  return outcome(exitCode, stdout.text(), stderr.text());
}

function outcome(exitCode: number, stdout: string, stderr: string) {
  return { exitCode, stdout, stderr };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
