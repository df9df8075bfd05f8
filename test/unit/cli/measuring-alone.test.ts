import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { ContainerState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeBackend,
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakePod,
} from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

const pods = ["web", "db", "cache"].map((name) => fakePod({ name }));
const containers = pods.map(({ id, metadata }) =>
  fakeContainer({ name: `in-${metadata?.name}`, podSandboxId: id }),
);

/** Calls of the runtime, each of which takes some turns, and those that met another one that measures. */
function watched(backend: FakeBackend) {
  const underWay = new Map<symbol, string>();
  const met: string[] = [];
  const measured: string[] = [];
  const runtime = new Proxy(backend.runtime, {
    get:
      (service, method: string) =>
      async (...args: [never]) => {
        const measures = /stats$/i.test(method);
        if (measures) measured.push(method);
        for (const other of underWay.values()) {
          if (measures || /stats$/i.test(other)) met.push(`${method} beside ${other}`);
        }
        const call = Symbol(method);
        underWay.set(call, method);
        try {
          for (let turn = 0; turn < 5; turn++) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          const answer = service[method as keyof typeof service] as (request: never) => unknown;
          return await answer(...args);
        } finally {
          underWay.delete(call);
        }
      },
  });
  return { backend: { ...backend, runtime, images: runtime as never }, met, measured };
}

const none = () => ({ stats: [] });
const refuses = () => {
  throw new StatusError("Unknown", "cgroupPath is empty");
};

describe("containerd 1.6, which may crash where it measures and does something else", () => {
  for (const [line, answers, expected] of [
    ["top -d 100ms", {}, /listContainerStats listPodSandboxStats/],
    ["stats -s 10ms", {}, /listContainerStats listContainerStats/],
    ["statsp -s 10ms", {}, /listPodSandboxStats listPodSandboxStats/],
    ["statsp -s 10ms", { listPodSandboxStats: refuses }, /( podSandboxStats){6}/],
    ["statsp -o name web db", { listPodSandboxStats: refuses }, /( podSandboxStats){2}/],
    ["prune --dry-run", {}, /listContainerStats( containerStats){3}/],
  ] as const) {
    it(`is asked for figures alone by ${line}${"listPodSandboxStats" in answers ? ", pod by pod" : ""}`, async () => {
      const state =
        ContainerState[line.startsWith("prune") ? "CONTAINER_EXITED" : "CONTAINER_RUNNING"];
      const contents: FakeContents = {
        pods,
        containers: containers.map((each) => ({ ...each, state })),
        answers: {
          listContainerStats: none,
          listPodSandboxStats: none,
          podSandboxStats: ({ podSandboxId }: { podSandboxId: string }) => ({
            stats: { attributes: { id: podSandboxId, labels: {} } },
          }),
          containerStats: () => ({ stats: undefined }),
          ...answers,
        },
      };
      const { backend, met, measured } = watched(fakeBackend(contents));
      const { session, err } = memorySession(backend);
      await runCommand(line.split(" "), session);
      assert.match(measured.join(" "), expected, err());
      assert.deepEqual(met, []);
    });
  }
});
