import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../src/cli/context.ts";
import type { PickRequest } from "../../../src/cli/pick-request.ts";
import { createShell } from "../../../src/repl/create-shell.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakePod,
} from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web", createdAt: 1n });
const db = fakePod({ name: "db", createdAt: 2n });
const nginx = fakeContainer({ name: "nginx", podSandboxId: web.id, state: 1, createdAt: 3n });
const log = fakeContainer({ name: "log", podSandboxId: db.id, state: 1, createdAt: 4n });

/** A shell over contents that a test may change between lines. */
function openShell(overrides: Partial<Session> = {}) {
  const contents: FakeContents & { pods: unknown[]; containers: unknown[] } = {
    pods: [web, db],
    containers: [nginx, log],
  };
  const calls: string[] = [];
  const { session, out, err } = memorySession(async () => {
    const backend = fakeBackend(contents);
    return Object.assign(backend, { calls: calls });
  }, overrides);
  const shell = createShell({ session });
  const run = async (line: string) => {
    const before = [out().length, err().length];
    const { status } = await shell.runLine(line, session);
    return { status, out: out().slice(before[0]), err: err().slice(before[1]) };
  };
  const used = () => {
    const { context } = shell;
    if (context === undefined) return "";
    return [context.pod.name, context.container?.name ?? []].flat().join(" ");
  };
  return { shell, run, used, contents };
}

describe("use", () => {
  const FORMS: readonly (readonly [string, string])[] = [
    ["web", "default/web"],
    ["default/web", "default/web"],
    [web.id, "default/web"],
    ["web/nginx", "default/web nginx"],
    ["default/web/nginx", "default/web nginx"],
    [`${web.id.slice(0, 8)}/nginx`, "default/web nginx"],
    [`web/${nginx.id.slice(0, 8)}`, "default/web nginx"],
    ["nginx", "default/web nginx"],
    [nginx.id, "default/web nginx"],
  ];
  for (const [word, meant] of FORMS) {
    it(`understands ${word.length > 20 ? "a full ID of" : word} as ${meant}`, async () => {
      const { run, used } = openShell();
      assert.deepEqual(await run(`use ${word}`), { status: 0, out: "", err: "" });
      assert.equal(used(), meant);
    });
  }

  it("says what is not there, and leaves the context as it was", async () => {
    const { run, used } = openShell();
    await run("use web/nginx");
    for (const [word, message] of [
      ["nothing", 'pod "nothing" not found'],
      ["web/nothing", 'pod "default/web" has no container "nothing"'],
      ["nothing/nginx", 'pod "nothing" not found'],
    ]) {
      const { status, err } = await run(`use ${word}`);
      assert.deepEqual([status, err.split("\n")[0]], [4, `crish: ${message}`]);
      assert.equal(used(), "default/web nginx");
    }
  });

  it("a container of the pod in use goes before one of another pod", async () => {
    const { run, shell, contents } = openShell();
    const other = fakeContainer({ name: "nginx", podSandboxId: db.id, state: 1, createdAt: 9n });
    contents.containers.push({ ...other, id: "f".repeat(64) });
    await run("use web");
    await run("use nginx");
    assert.equal(shell.context?.container?.id, nginx.id);
  });

  it("takes the newest of several attempts", async () => {
    const { run, shell, contents } = openShell();
    const again = { ...nginx, id: "e".repeat(64), createdAt: 99n };
    contents.containers.push(again);
    await run("use web/nginx");
    assert.equal(shell.context?.container?.id, again.id);
  });

  it("without an argument and a terminal says what is in use", async () => {
    const { run } = openShell();
    assert.equal((await run("use")).out, "no pod is in use\n");
    await run("use web/nginx");
    assert.equal((await run("use")).out, "default/web/nginx\n");
  });

  it("without an argument on a terminal offers pods and containers, all of them", async () => {
    const requests: PickRequest[] = [];
    const { run, used } = openShell({
      stdin: memoryInput({ isTty: true }),
      stderr: memoryOutput([], { isTty: true, canRedraw: true }),
      pick: async (request) => {
        requests.push(request);
        return [log.id];
      },
    });
    await run("use web");
    await run("use");
    assert.deepEqual(
      requests[0]?.choices.map(({ value }) => value),
      [db.id, web.id, log.id, nginx.id],
    );
    assert.equal(used(), "default/db log");
  });

  it("- goes back to what was in use before", async () => {
    const { run, used } = openShell();
    assert.equal((await run("use -")).status, 1);
    await run("use web");
    await run("use db");
    await run("use -");
    assert.equal(used(), "default/web");
    await run("use -");
    assert.equal(used(), "default/db");
  });
});

describe("..", () => {
  it("leaves the container, then the pod, then says that there is nothing to leave", async () => {
    const { run, used } = openShell();
    await run("use web/nginx");
    await run("..");
    assert.equal(used(), "default/web");
    await run("..");
    assert.equal(used(), "");
    const { status, err } = await run("..");
    assert.deepEqual([status, err.split("\n")[0]], [1, "crish: no pod is in use"]);
  });
});

describe("a context", () => {
  it("counts within the line that sets it", async () => {
    const { run } = openShell();
    assert.equal((await run("use web; ps -q")).out, `${nginx.id}\n`);
  });

  it("whose pod is gone is told of once and dropped, and nothing is done", async () => {
    const { run, used, contents } = openShell();
    await run("use web/nginx");
    contents.pods.shift();
    contents.containers.shift();
    const { status, err } = await run("stop");
    assert.deepEqual([status, err.split("\n")[0]], [4, 'crish: pod "default/web" is gone']);
    assert.equal(used(), "");
    assert.equal((await run("ps -q")).out, `${log.id}\n`);
  });

  it("whose container is gone falls back to its pod, and does not take the next attempt", async () => {
    const { run, used, contents } = openShell();
    await run("use web/nginx");
    contents.containers.splice(0, 1, { ...nginx, id: "e".repeat(64), createdAt: 99n });
    const { status, err } = await run("stop");
    assert.equal(status, 4);
    assert.match(err, /container "default\/web\/nginx" is gone\nhint: .*"use eeeeeeeeeeeee" takes/);
    assert.equal(used(), "default/web");
  });

  it("tells once of a newer attempt, and stays with the old one", async () => {
    const { run, shell, contents } = openShell();
    await run("use web/nginx");
    contents.containers.push({ ...nginx, id: "e".repeat(64), createdAt: 99n });
    assert.match(
      (await run("start")).err,
      /"default\/web\/nginx" has a newer attempt, eeeeeeeeeeeee/,
    );
    assert.doesNotMatch((await run("start")).err, /newer/);
    assert.equal(shell.context?.container?.id, nginx.id);
  });
});

describe("a line in a context", () => {
  it("asks the runtime for nothing beyond what its command asks for anyway", async () => {
    let lists = 0;
    const counted = (answer: unknown) => () => {
      lists += 1;
      return answer;
    };
    const backend = fakeBackend({
      answers: {
        listContainers: counted({ containers: [nginx, log] }),
        listPodSandbox: counted({ items: [web, db] }),
        listImages: counted({ images: [] }),
      },
    });
    const { session } = memorySession(async () => backend);
    const shell = createShell({ session });
    const listsOf = async (line: string) => {
      lists = 0;
      await shell.runLine(line, session);
      return lists;
    };
    const lines = ["ps -q", "images", "echo x", `inspect ${nginx.id}`, "inspectp web"];
    const without: number[] = [];
    for (const line of lines) without.push(await listsOf(line));
    await shell.runLine("use web/nginx", session);
    for (const [index, line] of lines.entries()) {
      const most = without[index] ?? 0;
      assert.ok((await listsOf(line)) <= most, `${line}: more than ${most}`);
      const [bare = ""] = line.split(" ");
      if (bare.startsWith("inspect")) assert.ok((await listsOf(bare)) <= most, bare);
    }
  });
});

describe("connect", () => {
  const answers = { version: () => ({ runtimeName: "containerd", runtimeVersion: "1.6" }) };
  const opened: (string | undefined)[] = [];
  const backends: Session["backends"] = {
    open: async ({ settings }) => {
      opened.push(settings.runtimeEndpoint);
      if (settings.runtimeEndpoint === "unix:///silent.sock") throw new Error("no answer");
      return fakeBackend({
        pods: [web],
        answers,
        endpoint: settings.runtimeEndpoint ?? "unix:///first.sock",
      });
    },
    close: async () => {},
  };

  it("changes the endpoint of all commands that follow, and leaves what was in use", async () => {
    const { run, used } = openShell({ backends });
    await run("use web");
    const { status, err } = await run("connect unix:///other.sock; pods -q");
    assert.equal(status, 0);
    assert.match(
      err,
      /^default\/web is no longer in use\ncontainerd 1.6 at unix:\/\/\/other.sock\n/,
    );
    assert.equal(used(), "");
    assert.equal(opened.at(-1), "unix:///other.sock");
    assert.equal((await run("use -")).status, 1);
  });

  it("stays where it was when nothing answers, and says why", async () => {
    const { run, used } = openShell({ backends });
    await run("use web");
    const { status, err } = await run("connect unix:///silent.sock");
    assert.equal(status, 3);
    assert.match(err, /cannot connect to "unix:\/\/\/silent.sock"/);
    assert.equal(used(), "default/web");
    await run("pods");
    assert.equal(opened.at(-1), undefined);
    assert.equal((await run("connect nonsense://x")).status, 2);
  });

  it("without an argument tells where the shell is", async () => {
    const { run } = openShell({ backends });
    assert.equal((await run("connect")).out, "containerd 1.6 at unix:///first.sock\n");
  });
});
