import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cgroups } from "../../../../src/cli/doctor/checks/cgroups.ts";
import { registries } from "../../../../src/cli/doctor/checks/registries.ts";
import { sockets } from "../../../../src/cli/doctor/checks/sockets.ts";
import { state } from "../../../../src/cli/doctor/checks/state.ts";
import type { Check, Doctor, Finding } from "../../../../src/cli/doctor/finding.ts";
import type { SocketAnswer } from "../../../../src/cli/doctor/probe-socket.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

const signal = new AbortController().signal;

function run(check: Check, doctor: object): Promise<readonly Finding[]> {
  return check.run({ isRoot: true, registries: [], ...doctor } as unknown as Doctor, signal);
}

function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ id, level }) => `${id} ${level}`);
}

describe("cgroups", () => {
  const v1 = ["cpu", "cpuset", "memory", "pids", "devices", "freezer", "blkio"];
  const v2 = ["cpu", "cpuset", "memory", "pids", "io"];
  const facts = { mode: "v2", controllers: v2, handedDown: v2, readOnly: [], all: [] };
  const judge = (changes: object) =>
    run(cgroups, { node: { cgroups: () => ({ ...facts, ...changes }) } });

  it("with every controller are fine in each mode", async () => {
    assert.deepEqual(levels(await judge({})), ["cgroups.mode ok"]);
    for (const mode of ["v1", "hybrid"]) {
      assert.deepEqual(levels(await judge({ mode, controllers: v1 })), ["cgroups.mode ok"]);
    }
  });

  it("without memory need another command line of the kernel", async () => {
    const found = await judge({ controllers: v2.filter((name) => name !== "memory") });
    assert.deepEqual(levels(found), ["cgroups.mode ok", "cgroups.memory fail"]);
    assert.match(found[1]?.fix ?? "", /cgroup_enable=memory/);
  });

  it("of version 1 without a controller need it mounted", async () => {
    const controllers = v1.filter((name) => name !== "freezer");
    const found = await judge({ mode: "v1", controllers });
    assert.match(found[1]?.fix ?? "", /mount -t cgroup -o freezer/);
  });

  it("that root cannot write are a fault, and unchecked for anybody else", async () => {
    const readOnly = ["/sys/fs/cgroup"];
    assert.deepEqual(levels(await judge({ readOnly })).at(-1), "cgroups.writable fail");
    const node = { cgroups: () => ({ ...facts, readOnly }) };
    const other = await run(cgroups, { node, isRoot: false });
    assert.deepEqual(levels(other).at(-1), "cgroups.writable unchecked");
  });
});

describe("sockets", () => {
  const answer = (changes: Partial<SocketAnswer>): SocketAnswer => ({
    endpoint: "unix:///run/containerd/containerd.sock",
    isConfigured: false,
    state: "answers",
    ...changes,
  });
  const judge = (changes: Partial<SocketAnswer>) =>
    run(sockets, { sockets: async () => [answer(changes)] });

  it("that are configured fail where others warn, and absent ones are no finding", async () => {
    const expected = [
      ["absent", "ok", "fail"],
      ["no-socket", "warn", "fail"],
      ["stale", "warn", "fail"],
      ["refused", "unchecked", "fail"],
      ["unreachable", "warn", "fail"],
      ["silent", "warn", "fail"],
      ["other", "warn", "fail"],
    ] as const;
    for (const [state, found, configured] of expected) {
      assert.equal((await judge({ state }))[0]?.level, found, state);
      const [chosen] = await judge({ state, isConfigured: true });
      assert.equal(chosen?.level, configured, state);
      assert.ok(chosen?.fix, state);
    }
  });

  it("of containerd without its CRI plugin get the fix for that", async () => {
    const [finding] = await judge({ state: "other" });
    assert.match(finding?.fix ?? "", /disabled_plugins/);
  });
});

describe("registries", () => {
  const failure = new StatusError("Unavailable", "no such host");
  const answer = (url: string, status?: number, isMirror = false) => ({
    ...{ url, isMirror, status, date: undefined },
    error: status === undefined ? failure : undefined,
  });
  const judge = (answers: object, options: { configured?: object; asked?: string[] } = {}) =>
    run(registries, {
      registries: options.asked ?? [],
      node: {
        config: async () => ({ registries: options.configured ?? {} }),
        probeRegistry: async (name: string) => (answers as Record<string, unknown>)[name] ?? [],
      },
    });

  it("that nobody asked for and that none can be reached are one line, and no fault", async () => {
    const found = await judge({ "docker.io": [answer("https://registry-1.docker.io")] });
    assert.deepEqual(levels(found), ["registries.none warn"]);
    assert.match(found[0]?.text ?? "", /no registry can be reached: no such host/);
  });

  it("that are asked for and cannot be reached are faults", async () => {
    const found = await judge(
      { "r.example": [answer("https://r.example")] },
      { asked: ["r.example"] },
    );
    assert.deepEqual(levels(found), ["registries.r.example fail"]);
  });

  it("answer with 200 or 401, or something else is there", async () => {
    for (const [status, level] of [
      [200, "ok"],
      [401, "ok"],
      [502, "fail"],
    ] as const) {
      const found = await judge({ r: [answer("https://r", status)] }, { asked: ["r"] });
      assert.equal(found[0]?.level, level);
    }
  });

  it("of two schemes need one, and of a registry and its mirror one", async () => {
    const schemes = [answer("http://127.0.0.1:5000", 200), answer("https://127.0.0.1:5000")];
    assert.deepEqual(levels(await judge({ r: schemes }, { asked: ["r"] })), ["registries.r ok"]);
    const mirrored = [answer("http://m", 200, true), answer("https://r")];
    const found = await judge({ r: mirrored, "docker.io": [] }, { configured: { r: {} } });
    assert.deepEqual(levels(found), ["registries.r ok", "registries.r warn"]);
  });
});

describe("the database", () => {
  const facts = {
    file: "/r/crish.db",
    schema: 1,
    knownSchema: 1,
    isUsable: true,
    counts: { sandboxes: 1, containers: 2, images: 3 },
    intents: [],
    strays: [],
    users: [],
    soundness: "ok",
  };
  const judge = (changes: object, isForeign = false) =>
    run(state, {
      node: {
        paths: { state: "/s" },
        isForeignMountNamespace: () => isForeign,
        database: async () => ({ ...facts, ...changes }),
      },
    });

  it("that is sound tells what it holds and who has it open", async () => {
    const [finding] = await judge({ users: [{ pid: 7, command: "crish serve" }] });
    assert.equal(
      finding?.text,
      '"/r/crish.db": schema 1, 1 pod, 2 containers, 3 images, open in crish serve (pid 7)',
    );
  });

  it("that waits for an upgrade names who holds it up", async () => {
    const users = [{ pid: 7, command: "crish serve" }];
    const found = await judge({ knownSchema: 2, users });
    assert.deepEqual(levels(found), ["state.database ok", "state.upgrade warn"]);
    assert.match(found[1]?.text ?? "", /crish serve \(pid 7\)/);
  });

  it("of a newer schema is a fault only where this crish cannot use it", async () => {
    assert.deepEqual(levels(await judge({ schema: 2 })), ["state.database ok"]);
    const found = await judge({ schema: 2, isUsable: false });
    assert.deepEqual(levels(found), ["state.database fail"]);
  });

  it("that is damaged, and pods of another mount namespace, are faults", async () => {
    assert.deepEqual(levels(await judge({ soundness: "row 1 missing" })), ["state.database fail"]);
    assert.equal(levels(await judge({}, true))[0], "state.namespace fail");
  });

  it("tells unfinished work of the dead apart from that of the living", async () => {
    const intent = { kind: "image-pull", subject: "x", pid: 1, ownerLives: true };
    const intents = [intent, { ...intent, ownerLives: false }];
    assert.deepEqual(levels(await judge({ intents, strays: ["/s/containers/y"] })), [
      "state.database ok",
      "state.work ok",
      "state.leftovers warn",
      "state.strays warn",
    ]);
  });
});
