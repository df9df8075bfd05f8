import assert from "node:assert/strict";
import { contractCase } from "../contract-case.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);

export const execSyncCases = [
  contractCase(
    "execSync",
    ["success", "repetition"],
    "gives stdout exactly and an empty stderr, each time",
    async (world) => {
      const { id } = await world.sharedContainer();
      for (let time = 0; time < 2; time++) {
        const answer = await world.shell(id, "echo -n hello");
        assert.deepEqual(answer, { exitCode: 0, stdout: "hello", stderr: "" });
      }
    },
  ),
  contractCase("execSync", [], "keeps both streams and the exit code apart", async (world) => {
    const { id } = await world.sharedContainer();
    const answer = await world.shell(id, "echo out; echo err >&2; exit 42");
    assert.deepEqual(answer, { exitCode: 42, stdout: "out\n", stderr: "err\n" });
  }),
  contractCase("execSync", [], "bytes arrive as they are, a mebibyte of them", async (world) => {
    const { id } = await world.sharedContainer();
    const cmd = ["head", "-c", "1048576", "/dev/zero"];
    const { stdout } = await world.runtime.execSync({ containerId: id, cmd, timeout: 20n });
    assert.equal(stdout.length, 1_048_576);
    assert.ok(stdout.every((byte) => byte === 0));
  }),
  contractCase(
    "execSync",
    [],
    "ends with its process, not with what holds its output open",
    async (world) => {
      const { id } = await world.sharedContainer();
      // The background process ends when it may, and that is after the call.
      const script = "until [ -e /tmp/may-end ]; do sleep 0.1; done & echo hi";
      const cmd = ["sh", "-c", script];
      try {
        const { stdout } = await world.runtime.execSync({ containerId: id, cmd, timeout: 40n });
        assert.equal(Buffer.from(stdout).toString(), "hi\n");
      } finally {
        await world.shell(id, "touch /tmp/may-end");
      }
    },
  ),
  contractCase(
    "execSync",
    [],
    "a timeout is DeadlineExceeded and ends what it had started",
    async (world) => {
      const { id } = await world.sharedContainer();
      const cmd = ["sh", "-c", "sleep 4321"];
      const call = world.runtime.execSync({ containerId: id, cmd, timeout: 1n });
      await world.refuses(call, "DeadlineExceeded");
      const { stdout } = await world.shell(id, "ps | grep -c '[s]leep 4321'; true");
      assert.equal(stdout.trim(), "0");
    },
  ),
  contractCase("execSync", [], "a program that is not there is an error", async (world) => {
    const { id } = await world.sharedContainer();
    const cmd = ["/no/such/program"];
    await assert.rejects(world.runtime.execSync({ containerId: id, cmd, timeout: 10n }));
  }),
  contractCase("execSync", ["invalid"], "an empty command is refused", async (world) => {
    const { id } = await world.sharedContainer();
    const call = world.runtime.execSync({ containerId: id, cmd: [], timeout: 10n });
    await world.refuses(call, "InvalidArgument");
  }),
  contractCase("execSync", ["unknown"], "an unknown container is not found", async (world) => {
    const call = world.runtime.execSync({ containerId: UNKNOWN_ID, cmd: ["true"], timeout: 1n });
    await world.refuses(call, "NotFound");
  }),
  contractCase("execSync", [], "a container that does not run is refused", async (world) => {
    const pod = await world.runPod();
    const id = await world.createContainer(pod);
    const call = world.runtime.execSync({ containerId: id, cmd: ["true"], timeout: 10n });
    await world.refuses(call, "FailedPrecondition");
  }),
  contractCase(
    "execSync",
    [],
    "reaches the right one of two containers in a pod",
    async (world) => {
      const pod = await world.runPod();
      const first = await world.runContainer(pod);
      const second = await world.runContainer(pod);
      await world.shell(first, "echo first > /tmp/who");
      await world.shell(second, "echo second > /tmp/who");
      assert.equal((await world.shell(first, "cat /tmp/who")).stdout, "first\n");
      assert.equal((await world.shell(second, "cat /tmp/who")).stdout, "second\n");
    },
  ),
];
