import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { ContainerState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import { collector, unread } from "../stream-ends.ts";

const UNKNOWN_ID = "0123456789abcdef".repeat(4);
const NEVER = new AbortController().signal;

export const attachCases = [
  contractCase(
    "attach",
    ["success", "repetition"],
    "gives an http URL, a new one each time",
    async (world) => {
      const { id } = await world.sharedContainer();
      const { url } = await world.runtime.attach(request(id));
      assert.match(url, /^https?:\/\/.+/);
      assert.notEqual((await world.runtime.attach(request(id))).url, url);
    },
  ),
  contractCase("attach", ["unknown"], "an unknown container is not found", async (world) => {
    await world.refuses(world.runtime.attach(request(UNKNOWN_ID)), "NotFound");
  }),
  contractCase("attach", ["invalid"], "no stream at all is refused", async (world) => {
    const { id } = await world.sharedContainer();
    const none = { ...request(id), stdout: false, stderr: false };
    await world.refuses(world.runtime.attach(none), "InvalidArgument");
  }),
  contractCase(
    "streams",
    [],
    "attach: with StdinOnce a line gets its answer, and the end of stdin ends the shell",
    async (world) => {
      const pod = await world.runPod();
      const fields = { command: ["sh"], stdin: true, stdinOnce: true };
      const id = await world.runContainer(pod, fields);
      const [stdout, stderr] = [collector(), collector()];
      const stdin = Readable.from([Buffer.from("echo -n hello\n")]);
      const io = { stdin, stdout, stderr, signal: NEVER };
      await world.backend.streams.attach({ ...request(id), stdin: true }, io);
      assert.equal(stdout.text(), "hello");
      assert.equal(stderr.text(), "");
      assert.equal((await world.waitForExit(id)).exitCode, 0);
    },
  ),
  contractCase(
    "streams",
    [],
    "attach: both streams arrive, and the end comes with the container's",
    async (world) => {
      const pod = await world.runPod();
      const script = "read line; echo out $line; echo err $line >&2";
      const fields = { command: ["sh", "-c", script], stdin: true, stdinOnce: true };
      const id = await world.runContainer(pod, fields);
      const [stdout, stderr] = [collector(), collector()];
      const stdin = Readable.from([Buffer.from("x\n")]);
      const io = { stdin, stdout, stderr, signal: NEVER };
      await world.backend.streams.attach({ ...request(id), stdin: true }, io);
      assert.equal(stdout.text(), "out x\n");
      assert.equal(stderr.text(), "err x\n");
    },
  ),
  contractCase(
    "streams",
    [],
    "attach: a detach leaves the container running, and another attach works",
    async (world) => {
      const pod = await world.runPod();
      const command = ["sh", "-c", "while :; do echo tick; sleep 0.1; done"];
      const id = await world.runContainer(pod, { command, stdin: true });
      for (let time = 0; time < 2; time++) {
        const abort = new AbortController();
        const stdout = collector(() => abort.abort());
        const io = { stdin: unread(), stdout, stderr: collector(), signal: abort.signal };
        await world.backend.streams.attach({ ...request(id), stdin: true }, io).catch(() => {});
        assert.match(stdout.text(), /tick/);
      }
      assert.equal((await world.containerStatus(id)).state, ContainerState.CONTAINER_RUNNING);
    },
  ),
  contractCase(
    "streams",
    [],
    "attach: a terminal carries keys in and the screen out",
    async (world) => {
      const pod = await world.runPod();
      const fields = { command: ["sh"], stdin: true, tty: true };
      const id = await world.runContainer(pod, fields);
      const stdout = collector();
      const stdin = new Readable({ read() {} });
      stdin.push("echo a$((1+1))b; exit 7\n");
      const io = { stdin, stdout, signal: NEVER };
      const asked = { ...request(id), stdin: true, tty: true, stderr: false };
      await world.backend.streams.attach(asked, io);
      assert.match(stdout.text(), /a2b\r\n/);
      assert.equal((await world.waitForExit(id)).exitCode, 7);
    },
  ),
  contractCase("streams", [], "attach: an unknown container is not found", async (world) => {
    const io = { stdout: collector(), stderr: collector(), signal: NEVER };
    const call = world.backend.streams.attach(request(UNKNOWN_ID), io);
    await world.refuses(call, "NotFound");
  }),
];

function request(containerId: string) {
  return { containerId, stdin: false, tty: false, stdout: true, stderr: true };
}
