import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DefaultObjects, Session } from "../../../src/cli/context.ts";
import type { PickRequest } from "../../../src/cli/pick-request.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer, fakeImage, fakePod } from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web", createdAt: 5n });
const db = fakePod({ name: "db", createdAt: 4n, state: 1 });
const nginx = fakeContainer({ name: "nginx", podSandboxId: web.id, state: 1, createdAt: 9n });
const side = fakeContainer({ name: "side", podSandboxId: web.id, state: 2, createdAt: 8n });
const mysql = fakeContainer({ name: "my\x1b[2Jsql", podSandboxId: db.id, state: 1, createdAt: 7n });
const contents = {
  pods: [web, db],
  containers: [nginx, side, mysql],
  images: [fakeImage({ id: "sha256:1", repoTags: ["docker.io/library/a:1"] })],
};

async function crish(line: string, overrides: Partial<Session> = {}) {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session);
  return { status, out: out(), err: err(), calls: backend.calls };
}

function inContext(kind: "pod" | "container", verify = async () => {}): Partial<Session> {
  const defaultObjects: DefaultObjects = {
    pod: web.id,
    container: kind === "container" ? nginx.id : undefined,
    nameOf: (of) => (of === "pod" ? "default/web" : "default/web/nginx"),
    verify,
  };
  return { defaultObjects };
}

/** A terminal on which the given choices are made. */
function choosing(answer: readonly string[]) {
  const requests: PickRequest[] = [];
  const err: string[] = [];
  const overrides: Partial<Session> = {
    stdin: memoryInput({ isTty: true }),
    stderr: memoryOutput(err, { isTty: true, canRedraw: true }),
    pick: async (request) => {
      requests.push(request);
      return answer;
    },
  };
  return { overrides, requests, err };
}

describe("in a context", () => {
  it("a verb without an object acts on the context's", async () => {
    const { calls } = await crish("start", inContext("container"));
    assert.ok(calls.some((call) => call.startsWith("startContainer") && call.includes(nginx.id)));
    const stopped = await crish("stopp", inContext("container"));
    assert.ok(stopped.calls.some((call) => call.includes(web.id)));
  });

  it("a named object is never replaced", async () => {
    const { calls } = await crish("start side", inContext("container"));
    assert.ok(calls.some((call) => call.startsWith("startContainer") && call.includes(side.id)));
    assert.ok(!calls.some((call) => call.includes(nginx.id)));
  });

  it("--all means all, and not what the context holds", async () => {
    const { out } = await crish("rm --all --force --dry-run", inContext("container"));
    assert.equal(out.trimEnd().split("\n").length, 3);
  });

  it("ps lists the context's pod, unless a filter says where to look", async () => {
    const ids = async (line: string) =>
      (await crish(line, inContext("pod"))).out.trimEnd().split("\n");
    assert.deepEqual(await ids("ps -a -q"), [nginx.id, side.id]);
    assert.deepEqual(await ids("ps -q --pod db"), [mysql.id]);
    assert.deepEqual(await ids(`ps -q --id ${mysql.id}`), [mysql.id]);
    assert.deepEqual(await ids("ps -q --namespace ."), [nginx.id, mysql.id]);
  });

  it("filters of inspect stand in for the context's container", async () => {
    const named = await crish("inspect", inContext("container"));
    assert.match(named.out, new RegExp(nginx.id));
    const filtered = await crish("inspect --state exited", inContext("container"));
    assert.match(filtered.out, new RegExp(side.id));
  });

  it("a container verb in a pod's context means the only one that it can act on", async () => {
    for (const [line, call] of [
      ["stop", `stopContainer .*${nginx.id}`],
      ["exec ls -l /", `exec .*${nginx.id}.*\\["ls","-l","/"\\]`],
      ["exec side ls", `exec .*${side.id}.*\\["ls"\\]`],
      ["exec -- side -l", `exec .*${nginx.id}.*\\["side","-l"\\]`],
      ["attach", `attach .*${nginx.id}`],
      ["logs -f -r", `reopenContainerLog .*${nginx.id}`],
    ] as const) {
      const { calls, err } = await crish(line, inContext("pod"));
      assert.match(calls.join("\n"), new RegExp(call), `${line}: ${err}`);
    }
  });

  it("several that it could act on are listed, where nobody can be asked", async () => {
    const { status, err } = await crish("logs", inContext("pod"));
    assert.deepEqual(
      [status, err],
      [
        2,
        'crish: logs needs CONTAINER: pod "default/web" has 2\n' +
          "hint: one of nginx (running), side (exited)\n",
      ],
    );
  });

  it("several are asked about on a terminal, those of the pod alone", async () => {
    const { overrides, requests } = choosing([side.id]);
    const { calls } = await crish("rm --keep-logs", { ...overrides, ...inContext("pod") });
    assert.deepEqual(
      requests.map(({ question, several, choices }) => [
        question,
        several,
        choices.map(({ value }) => value),
      ]),
      [["rm: which containers of default/web?", true, [nginx.id, side.id]]],
    );
    assert.ok(calls.some((call) => call.startsWith("removeContainer") && call.includes(side.id)));
  });

  it("a pod without a container that fits is an error that says what it has", async () => {
    const { status, err, calls } = await crish("start", inContext("pod"));
    assert.deepEqual(
      [status, err, calls],
      [
        1,
        'crish: pod "default/web" has no container that is created to start\n' +
          "hint: it has nginx (running), side (exited)\n",
        [],
      ],
    );
  });

  it("says which container of the pod it is before something is destroyed", async () => {
    const { overrides, err } = choosing([]);
    await crish("stop", { ...overrides, ...inContext("pod") });
    assert.equal(err.join(""), "container default/web/nginx, from the context\n");
  });

  it("exec without a command is a usage error, and asks for no container", async () => {
    const { overrides, requests } = choosing([nginx.id]);
    const { status } = await crish("exec", { ...overrides, ...inContext("pod") });
    assert.deepEqual([status, requests.length], [125, 0]);
  });

  it("says which object it is before something is destroyed, on a terminal only", async () => {
    const { overrides, err } = choosing([]);
    await crish("stop", { ...overrides, ...inContext("container") });
    assert.equal(err.join(""), "container default/web/nginx, from the context\n");
    assert.equal((await crish("stop", inContext("container"))).err, "");
  });

  it("what is gone is not acted on", async () => {
    const gone = async () => {
      throw new StatusError("NotFound", "the pod of the context is gone");
    };
    for (const line of ["stop", "ps", "exec ls"]) {
      const { status, calls } = await crish(line, inContext("container", gone));
      assert.equal(status, line === "exec ls" ? 125 : 4, line);
      assert.ok(!calls.some((call) => call.startsWith("stop")));
    }
  });
});

describe("exec in a container's context", () => {
  const execs = async (line: string) => {
    const { calls, err } = await crish(line, inContext("container"));
    return calls.find((call) => call.startsWith("exec")) ?? err;
  };

  it("takes the words as the command", async () => {
    assert.match(await execs("exec ls -l /"), new RegExp(`${nginx.id}.*\\["ls","-l","/"\\]`));
    assert.match(await execs("exec grep -- -x f"), /\["grep","--","-x","f"\]/);
  });

  it("takes a container's own name, path, or most of its ID as the container", async () => {
    for (const word of ["side", "default/web/side", side.id, side.id.slice(0, 12)]) {
      assert.match(await execs(`exec ${word} ls`), new RegExp(`${side.id}.*\\["ls"\\]`), word);
    }
  });

  it("takes a short prefix of an ID as a command", async () => {
    assert.match(await execs(`exec ${side.id.slice(0, 4)} ls`), new RegExp(nginx.id));
  });

  it("-- makes every word behind it the command", async () => {
    assert.match(await execs("exec -- side -l"), new RegExp(`${nginx.id}.*\\["side","-l"\\]`));
  });

  it("without a command is a usage error", async () => {
    assert.match(await execs("exec"), /needs a COMMAND/);
  });
});

describe("on a terminal without a context", () => {
  it("a verb without its object asks which, offering only those that it can act on", async () => {
    const { overrides, requests } = choosing([nginx.id]);
    const { calls, status } = await crish("stop", overrides);
    assert.equal(status, 0);
    assert.ok(calls.some((call) => call.startsWith("stopContainer") && call.includes(nginx.id)));
    assert.deepEqual(
      requests.map(({ several, choices }) => [several, choices.map(({ value }) => value)]),
      [[true, [nginx.id, mysql.id]]],
    );
    const labels = requests[0]?.choices.map(({ label }) => label) ?? [];
    assert.match(labels[0] ?? "", /^nginx\s+running\s+default\/web\s+[0-9a-f]{13}$/);
    assert.match(labels[1] ?? "", /^my\\x1b\[2Jsql /);
  });

  it("one object is asked for where the verb takes one", async () => {
    const { overrides, requests } = choosing([nginx.id]);
    await crish("attach", overrides);
    assert.deepEqual(
      requests.map(({ several }) => several),
      [false],
    );
  });

  it("an empty list is an error that says what is missing", async () => {
    const { overrides, requests, err } = choosing([]);
    const { status } = await crish("start", overrides);
    assert.deepEqual([status, requests.length], [1, 0]);
    assert.equal(err.join(""), "crish: there is no container that is created to start\n");
  });

  it("a pod is asked for where the files of create, or the ports to forward, are there", async () => {
    const create = choosing([web.id]);
    await crish("create c.yaml p.yaml", create.overrides);
    assert.equal(create.requests.length, 1);
    const named = choosing([web.id]);
    await crish("create web c.yaml", named.overrides);
    assert.equal(named.requests.length, 0);
    const forward = choosing([web.id]);
    await crish("port-forward 8080:80 :443", forward.overrides);
    assert.deepEqual(
      forward.requests[0]?.choices.map(({ value }) => value),
      [web.id],
    );
  });

  it("nothing is asked where a flag stands in, nor for what need not be there", async () => {
    for (const line of ["rm --all --dry-run", "pull", "exec", "exec -it", "inspect", "images"]) {
      const { overrides, requests } = choosing([nginx.id]);
      await crish(line, overrides);
      assert.equal(requests.length, 0, line);
    }
  });

  it("without a terminal, or on a dumb one, it stays a usage error", async () => {
    assert.equal((await crish("stop")).status, 2);
    const { overrides } = choosing([nginx.id]);
    const dumb = memoryOutput([], { isTty: true, canRedraw: false });
    assert.equal((await crish("stop", { ...overrides, stderr: dumb })).status, 2);
  });
});
