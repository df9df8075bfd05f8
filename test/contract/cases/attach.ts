import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { ContainerState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import { type Collector, collector, unread } from "../stream-ends.ts";
import type { World } from "../world.ts";

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
      const [stdout, stderr] = answered(world, id);
      const stdin = Readable.from([Buffer.from(`${TICK_UNTIL_SEEN}; echo -n hello\n`)]);
      const io = { stdin, stdout, stderr, signal: NEVER };
      await world.backend.streams.attach({ ...request(id), stdin: true }, io);
      assert.match(stdout.text(), /^(tick\n)+hello$/);
      assert.match(stderr.text(), /^(tick\n)*$/);
      assert.equal((await world.waitForExit(id)).exitCode, 0);
    },
  ),
  contractCase(
    "streams",
    [],
    "attach: both streams arrive, and the end comes with the container's",
    async (world) => {
      const pod = await world.runPod();
      const script = `read line; ${TICK_UNTIL_SEEN}; echo out $line; echo err $line >&2`;
      const fields = { command: ["sh", "-c", script], stdin: true, stdinOnce: true };
      const id = await world.runContainer(pod, fields);
      const [stdout, stderr] = answered(world, id);
      const stdin = Readable.from([Buffer.from("x\n")]);
      const io = { stdin, stdout, stderr, signal: NEVER };
      await world.backend.streams.attach({ ...request(id), stdin: true }, io);
      assert.match(stdout.text(), /^(tick\n)+out x\n$/);
      assert.match(stderr.text(), /^(tick\n)+err x\n$/);
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
      const [stdout] = answered(world, id, 1);
      const stdin = new Readable({ read() {} });
      stdin.push(`${TICK_UNTIL_SEEN}; echo a$((1+1))b; exit 7\n`);
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

/**
 * What a container answers at once may be written before containerd has joined the attached client to its
 * outputs: so it writes to both until the client has seen it.
 */
const TICK_UNTIL_SEEN = "until [ -e /seen ]; do echo tick; echo tick >&2; sleep 0.1; done";

/** Outputs that say so when both have it. A terminal shows that line, too, but ends no line with the word. */
function answered(world: World, id: string, count = 2): [Collector, Collector] {
  let isSaid = false;
  const onData = (): void => {
    const seen = [stdout, stderr].filter((output) => /tick\r?\n/.test(output.text()));
    if (isSaid || seen.length < count) return;
    isSaid = true;
    void world.shell(id, "touch /seen");
  };
  const [stdout, stderr] = [collector(onData), collector(onData)];
  return [stdout, stderr];
}

function request(containerId: string) {
  return { containerId, stdin: false, tty: false, stdout: true, stderr: true };
}
