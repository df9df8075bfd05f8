import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../../src/cli/context.ts";
import { runCommand } from "../../../../src/cli/run-command.ts";
import { createMessage } from "../../../../src/cri/create-message.ts";
import { type Container, ContainerStatus } from "../../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer, fakePod, idFrom } from "../../../support/fake-backend.ts";
import { memorySession } from "../../../support/memory-session.ts";

type Look = readonly Container[] | StatusError;

/** Each list is the next look; the last one stays. */
async function wait(line: string, looks: readonly Look[], overrides: Partial<Session> = {}) {
  let next = 0;
  const backend = fakeBackend({
    pods: [fakePod({ name: "up" }), fakePod({ name: "down", state: 1 })],
    answers: {
      listContainers: () => {
        const look = looks[Math.min(next++, looks.length - 1)] ?? [];
        if (look instanceof StatusError) throw look;
        return { containers: look };
      },
      containerStatus: ({ containerId }: { containerId: string }) => {
        const found = looks
          .flatMap((look) => (look instanceof StatusError ? [] : look))
          .findLast(({ id }) => id === containerId);
        const isGone = !(looks.at(-1) as readonly Container[]).some(({ id }) => id === containerId);
        if (isGone) throw new StatusError("NotFound", "gone");
        const exitCode = found?.metadata?.attempt ?? 0;
        const { state = 0 } = found ?? {};
        const status = createMessage(ContainerStatus, { id: containerId, state, exitCode });
        return { status, info: {} };
      },
    },
  });
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(["wait", ...line.split(" ")], session);
  return { status, out: out(), err: err() };
}

const running = (name: string) => fakeContainer({ name, state: 1 });
/** Its attempt stands for its exit status. */
const ended = (name: string, exitCode = 0) =>
  fakeContainer({ name, state: 2, metadata: { name, attempt: exitCode } });

describe("wait", () => {
  it("prints the exit statuses in the order of the command line, and ends with 0", async () => {
    const looks = [
      [running("a"), running("b")],
      [running("a"), ended("b", 7)],
      [ended("a"), ended("b", 7)],
    ];
    assert.deepEqual(await wait("a b", looks), { status: 0, out: "0\n7\n", err: "" });
  });

  it("ends with the first status that is not 0 where that is wanted", async () => {
    const looks = [[ended("a"), ended("b", 7), ended("c", 9)]];
    assert.deepEqual(await wait("--exit-code a b c", looks), {
      status: 7,
      out: "0\n7\n9\n",
      err: "",
    });
  });

  it("takes a container that was removed for ended, its status being unknown", async () => {
    assert.equal((await wait("a", [[running("a")], []])).out, "-1\n");
    assert.equal((await wait("--exit-code a", [[running("a")], []])).status, 255);
    assert.deepEqual(await wait("--for removed a", [[running("a")], [ended("a")], []]), {
      status: 0,
      out: "a\n",
      err: "",
    });
  });

  it("with --any ends with the first, and names it", async () => {
    const looks = [
      [running("a"), running("b")],
      [running("a"), ended("b", 3)],
    ];
    assert.equal((await wait("--any a b", looks)).out, "b 3\n");
  });

  describe("with --output", () => {
    const looks = [[ended("a"), ended("b", 7)]];

    it("prints one document of all, an object where one was waited for", async () => {
      const one = JSON.parse((await wait("-o json b", looks)).out);
      const { id, kind, reference, name, state, exitCode } = one;
      assert.deepEqual(
        [id, kind, reference, name, state, exitCode],
        [ended("b").id, "container", "b", "b", "exited", 7],
      );
      const list = JSON.parse((await wait("-o json a b", looks)).out);
      assert.deepEqual(
        list.map((each: { exitCode: number }) => each.exitCode),
        [0, 7],
      );
      assert.match((await wait("-o yaml a b", looks)).out, /^- exitCode: 0$/m);
      assert.equal(JSON.parse((await wait("--any -o json b a", looks)).out).reference, "b");
    });

    it("prints each as it is reached in the other formats", async () => {
      const { out } = await wait("-o jsonl a b", looks);
      assert.deepEqual(
        out
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).reference),
        ["a", "b"],
      );
      assert.equal((await wait("-o jsonpath={.exitCode} a b", looks)).out, "0\n7\n");
      assert.equal((await wait("-o go-template={{.state}} a", looks)).out, "exited\n");
      assert.equal((await wait("-o name b", looks)).out, "b\n");
    });

    it("keeps the status, and a list with what was reached of several", async () => {
      const { status, out, err } = await wait("-o json --exit-code nope b", looks);
      assert.deepEqual([status, JSON.parse(out).length], [4, 1]);
      assert.match(err, /"nope" not found/);
      assert.equal((await wait("-o json --exit-code b", looks)).status, 7);
      const none = await wait("-o json nope", looks);
      assert.deepEqual([none.status, none.out], [4, ""]);
    });

    it("tells pods and what is gone, and refuses what is wrong before it waits", async () => {
      const pod = JSON.parse((await wait("--pods -o json --for ready up", [[]])).out);
      assert.deepEqual([pod.kind, pod.name, pod.namespace], ["pod", "up", "default"]);
      const gone = JSON.parse((await wait("-o json a", [[running("a")], []])).out);
      assert.deepEqual([gone.state, gone.exitCode], ["removed", -1]);
      assert.equal((await wait("-o jsonpath={ a", [[running("a")]])).status, 2);
      assert.equal((await wait("-o table a", [[running("a")]])).status, 2);
    });
  });

  it("reports one that is not there, and waits for the others", async () => {
    const { status, out, err } = await wait("nope a", [[running("a")], [ended("a")]]);
    assert.deepEqual([status, out], [4, "0\n"]);
    assert.match(err, /container "nope" not found/);
  });

  it("waits for one that is not there yet only where its creation is waited for", async () => {
    const { status, out } = await wait("--for created a", [[], [], [running("a")]]);
    assert.deepEqual([status, out], [0, "a\n"]);
  });

  it("fails at once where the state never comes", async () => {
    for (const looks of [[[ended("a")]], [[fakeContainer({ name: "a", state: 0 })], []]]) {
      const { status, err } = await wait("--for running a", looks);
      assert.equal(status, 1);
      assert.match(err, /container "a" (has ended|was removed)/);
    }
  });

  it("gives up at --timeout with 1, and looks once with 0", async () => {
    const late = await wait("--timeout 150ms a", [[running("a")]]);
    assert.equal(late.status, 1);
    assert.match(late.err, /container "a" is still running after 0.15s/);
    const once = await wait("--timeout 0 a", [[running("a")]]);
    assert.match(once.err, /container "a" is running\n/);
    const there = await wait("--timeout 0 a", [[ended("a", 2)]]);
    assert.deepEqual([there.status, there.out], [0, "2\n"]);
  });

  it("outlives a daemon that is away for a moment", async () => {
    const away = new StatusError("Unavailable", "no answer");
    assert.equal((await wait("a", [[running("a")], away, [ended("a", 5)]])).out, "5\n");
    assert.equal((await wait("a", [away])).status, 3);
  });

  it("ends with 130 at Ctrl-C", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { status, out } = await wait("a", [[running("a")]], { signal: controller.signal });
    assert.deepEqual([status, out], [130, ""]);
  });

  it("waits for pods", async () => {
    assert.deepEqual(await wait("--pods down", [[]]), { status: 0, out: "down\n", err: "" });
    assert.equal((await wait("--pod --for ready up", [[]])).out, "up\n");
    assert.match((await wait("--pods --for ready down", [[]])).err, /pod "down" has stopped/);
  });

  it("refuses states that there are not", async () => {
    for (const [line, message] of [
      ["--for ready a", /a container is never ready/],
      ["--pods --for exited up", /a pod is never exited/],
      ["--for running --exit-code a", /--exit-code is for containers that end/],
      ["--timeout -1 a", /--timeout is negative/],
    ] as const) {
      const { status, err } = await wait(line, [[running("a")]]);
      assert.equal(status, 2, line);
      assert.match(err, message);
    }
  });

  it("takes the status from the event where the container is gone by then", async () => {
    const status = createMessage(ContainerStatus, { id: idFrom("a"), state: 2, exitCode: 9 });
    let isGone = false;
    const backend = fakeBackend({
      answers: {
        listContainers: () => ({ containers: isGone ? [] : [running("a")] }),
        containerStatus: () => {
          throw new StatusError("NotFound", "gone");
        },
        *getContainerEvents() {
          isGone = true;
          yield { containersStatuses: [status] };
        },
      },
    });
    const { session, out } = memorySession(backend);
    assert.equal(await runCommand(["wait", "a"], session), 0);
    assert.equal(out(), "9\n");
  });
});
