import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerStatus,
  PodSandboxNetworkStatus,
  PodSandboxStatus,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer, fakeImage, fakePod } from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web", createdAt: 9n });
const old = fakePod({ name: "old", state: 1, createdAt: 5n });
const image = fakeImage({ repoTags: ["shop/app:1"] });
const app = fakeContainer({ name: "app", podSandboxId: web.id, createdAt: 3n, imageId: image.id });
const side = fakeContainer({ name: "side", podSandboxId: web.id, createdAt: 4n });
const init = fakeContainer({ name: "init", podSandboxId: web.id, createdAt: 2n, state: 2 });

async function tree(line: string, env: Record<string, string> = {}) {
  const network = createMessage(PodSandboxNetworkStatus, {
    ip: "10.0.0.5",
    additionalIps: [{ ip: "fd00::5" }],
  });
  const backend = fakeBackend({
    pods: [old, web],
    containers: [side, init, app],
    images: [image],
    answers: {
      podSandboxStatus: ({ podSandboxId: id }: { podSandboxId: string }) => {
        if (id === old.id) throw new StatusError("NotFound", "gone");
        return { status: createMessage(PodSandboxStatus, { id, network }), info: {} };
      },
      containerStatus: ({ containerId: id }: { containerId: string }) => ({
        status: createMessage(ContainerStatus, { id, exitCode: 3 }),
      }),
    },
  });
  const { session, out, err } = memorySession(backend, {
    env: { CRI_CONFIG_FILE: "/dev/null", ...env },
  });
  const status = await runCommand(["tree", ...line.split(" ").filter(Boolean)], session);
  const rows = out()
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(/\s{2,}/).slice(0, 3));
  return { status, out: out(), err: err(), rows };
}

describe("tree", () => {
  it("shows pods that are ready with what runs in them, in the order of creation", async () => {
    const { rows } = await tree("", { LANG: "en_US.UTF-8" });
    assert.deepEqual(rows.slice(0, 2), [
      ["default/web", "Ready", "10.0.0.5 fd00::5"],
      ["├─ app", "Running", "shop/app:1"],
    ]);
    assert.deepEqual(rows[2]?.slice(0, 2), ["└─ side", "Running"]);
    assert.equal(rows.length, 3);
  });

  it("shows what has ended with --all, in ASCII where the locale is not UTF-8", async () => {
    const { rows } = await tree("--all", { LANG: "C.UTF-8", LC_ALL: "C" });
    assert.deepEqual(
      rows.map(([name, state]) => [name, state]),
      [
        ["default/web", "Ready"],
        ["|- init", "Exited (3)"],
        ["|- app", "Running"],
        ["`- side", "Running"],
        ["default/old", "NotReady"],
      ],
    );
  });

  it("as JSON lines has a line for each pod", async () => {
    const lines = (await tree("-a -o jsonl")).out.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).metadata.name),
      ["web", "old"],
    );
  });

  it("as JSON has the containers below their pods", async () => {
    const { pods } = JSON.parse((await tree("-o json --name web")).out);
    assert.equal(pods.length, 1);
    assert.deepEqual(
      [pods[0].id, pods[0].state, pods[0].ips[1]],
      [web.id, "SANDBOX_READY", "fd00::5"],
    );
    assert.deepEqual(
      pods[0].containers.map((each: { id: string }) => each.id),
      [app.id, side.id],
    );
  });

  it("says on stderr that there are none, with status 0", async () => {
    const { status, out, err } = await tree("--name nothing");
    assert.deepEqual([status, out, err], [0, "", "no pods; -a shows what has ended\n"]);
    assert.equal((await tree("--state notready")).rows[0]?.[0], "default/old");
  });
});
