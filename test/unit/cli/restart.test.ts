import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { environmentAsRun } from "../../../src/cli/restart/environment-as-run.ts";
import { nextAttempt } from "../../../src/cli/restart/next-attempt.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  type Container,
  ContainerConfig,
  ContainerStatus,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
  idFrom,
} from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web" });
const app = fakeContainer({ name: "app", podSandboxId: web.id, state: 1 });
const image = fakeImage({ repoTags: ["shop/app:1"] });

interface Options {
  readonly info?: object;
  readonly answers?: FakeContents["answers"];
  readonly imageId?: string;
  readonly siblings?: readonly Container[];
}

async function restart(
  line: string,
  { info, answers, imageId = image.id, siblings = [] }: Options = {},
) {
  const told = info ?? {
    config: { metadata: { name: "app" }, image: { image: "shop/app:1" }, log_path: "app/0.log" },
  };
  const backend = fakeBackend({
    pods: [web],
    containers: [app, ...siblings],
    images: [image],
    answers: {
      containerStatus: () => ({
        status: createMessage(ContainerStatus, { id: app.id, state: 1, imageId }),
        info: { info: JSON.stringify(told) },
      }),
      podSandboxStatus: () => ({ info: { info: '{"config":{"metadata":{"name":"web"}}}' } }),
      imageStatus: () => ({ image, info: {} }),
      createContainer: () => ({ containerId: idFrom("next") }),
      ...answers,
    },
  });
  const { session, out, err } = memorySession(backend);
  const status = await runCommand(["restart", ...line.split(" ")], session);
  const calls = backend.calls.map((call) => call.split(" ")[0]);
  return { status, out: out(), err: err(), calls, all: backend.calls };
}

const refuse = (code: "NotFound" | "Unknown") => () => {
  throw new StatusError(code, "disk full");
};

describe("restart", () => {
  it("creates, stops, starts and removes, and prints the new ID", async () => {
    const { status, out, calls, all } = await restart("-t 3s app");
    assert.deepEqual([status, out], [0, `${idFrom("next")}\n`]);
    assert.deepEqual(calls, [
      "createContainer",
      "stopContainer",
      "startContainer",
      "removeContainer",
    ]);
    assert.match(all[0] ?? "", /"attempt":1.*"logPath":"app\/1.log"/);
    assert.equal(all[1], `stopContainer {"containerId":"${app.id}","timeout":3}`);
    assert.equal(all[3], `removeContainer {"containerId":"${app.id}"}`);
  });

  it("removes an attempt that a killed restart has left, and no other", async () => {
    const sibling = (name: string, fields: Partial<Container>) =>
      fakeContainer({
        name: "app",
        id: idFrom(name),
        podSandboxId: web.id,
        createdAt: 2n,
        state: 0,
        ...fields,
      });
    const siblings = [
      sibling("left", {}),
      sibling("older", { createdAt: 0n }),
      sibling("ended", { state: 2, createdAt: 0n }),
      sibling("other-image", { imageRef: "sha256:other" }),
      sibling("other-pod", { podSandboxId: "0".repeat(64) }),
      sibling("other-name", { metadata: { name: "side", attempt: 1 } }),
    ];
    const { status, all } = await restart(`default/web/app`, { siblings });
    assert.equal(status, 0);
    assert.deepEqual(
      all.filter((call) => call.startsWith("removeContainer")),
      [idFrom("left"), app.id].map((id) => `removeContainer {"containerId":"${id}"}`),
    );
  });

  it("keeps the old one where that is wanted", async () => {
    assert.deepEqual((await restart("--keep app")).calls.slice(2), ["startContainer"]);
  });

  it("touches nothing where the new one cannot be created", async () => {
    const answers = { createContainer: refuse("NotFound") };
    const { status, calls } = await restart("app", { answers });
    assert.deepEqual([status, calls], [4, ["createContainer"]]);
  });

  it("removes the new one where the old one does not stop", async () => {
    const { status, all } = await restart("app", { answers: { stopContainer: refuse("Unknown") } });
    assert.equal(status, 1);
    assert.equal(all.at(-1), `removeContainer {"containerId":"${idFrom("next")}"}`);
  });

  it("removes the new one where it does not start, and keeps the old one", async () => {
    const answers = { startContainer: refuse("Unknown") };
    const { status, err, all } = await restart("app", { answers });
    assert.equal(status, 1);
    assert.match(err, /"app" was stopped, and its next attempt did not start: disk full\n/);
    assert.match(err, /the old one is kept/);
    assert.deepEqual(
      all.filter((call) => call.startsWith("remove")),
      [`removeContainer {"containerId":"${idFrom("next")}"}`],
    );
  });

  it("refuses where the runtime does not tell the configuration", async () => {
    for (const info of [{ runtimeSpec: {} }, { config: { nonsense: 1 } }]) {
      const { status, err, calls } = await restart("app", { info });
      assert.deepEqual([status, calls], [1, []]);
      assert.match(err, /does not tell what container "app" was made from/);
    }
  });

  it("takes the image that ran where its name means another one", async () => {
    const { all } = await restart("app", { imageId: "sha256:0ld" });
    assert.match(all[0] ?? "", /"image":\{"image":"sha256:0ld"/);
  });

  it("reports each of several", async () => {
    const { status, out, err } = await restart("app nope");
    assert.deepEqual([status, out], [4, `${idFrom("next")}\n`]);
    assert.match(err, /container "nope" not found/);
    assert.equal((await restart("-t -1 app")).status, 2);
  });
});

describe("environmentAsRun", () => {
  const config = (value: string) =>
    createMessage(ContainerConfig, { envs: [{ key: "MODE", value: Buffer.from(value) }] });
  const after = (told: string, ran: string) => {
    const info = JSON.stringify({
      runtimeSpec: { process: { env: ["PATH=/bin", `MODE=${ran}`] } },
    });
    const [env] = environmentAsRun(config(told), info).envs;
    return Buffer.from(env?.value ?? []).toString();
  };

  it("takes text for text and base64 for bytes, as the process had it", () => {
    assert.equal(after("first", "first"), "first");
    assert.equal(after("Zmlyc3Q=", "first"), "first");
    assert.equal(after("Zmlyc3Q=", "Zmlyc3Q="), "Zmlyc3Q=");
    assert.equal(after("Zmlyc3Q=", "something else"), "Zmlyc3Q=");
    assert.equal(environmentAsRun(config("x"), "{}").envs.length, 1);
  });
});

describe("nextAttempt", () => {
  const config = (fields: Partial<ContainerConfig>) =>
    createMessage(ContainerConfig, { metadata: { name: "app", attempt: 2 }, ...fields });

  it("is one more than any of that name", () => {
    const siblings = [
      fakeContainer({ name: "app", metadata: { name: "app", attempt: 5 } }),
      fakeContainer({ name: "other", metadata: { name: "other", attempt: 9 } }),
    ];
    assert.deepEqual(nextAttempt(config({}), siblings).metadata, { name: "app", attempt: 6 });
    assert.deepEqual(nextAttempt(config({}), []).metadata, { name: "app", attempt: 3 });
  });

  it("renames only a log that is named by the attempt", () => {
    for (const [before, after] of [
      ["app/2.log", "app/3.log"],
      ["2.log", "3.log"],
      ["app/7.log", "app/7.log"],
      ["app.log", "app.log"],
      ["v2.log", "v2.log"],
      ["", ""],
    ] as const) {
      assert.equal(nextAttempt(config({ logPath: before }), []).logPath, after);
    }
  });

  it("counts for the kubelet where it counts", () => {
    const annotations = { "io.kubernetes.container.restartCount": "2", other: "x" };
    const next = nextAttempt(config({ annotations }), []);
    assert.deepEqual(next.annotations, {
      ...annotations,
      "io.kubernetes.container.restartCount": "3",
    });
    assert.deepEqual(nextAttempt(config({}), []).annotations, {});
  });
});
