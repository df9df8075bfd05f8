import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { detectEndpoint } from "../../../src/cli/detect-endpoint.ts";
import type { CriBackend } from "../../../src/cri/backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import type { EarlySocket } from "../../../src/host/connect-early.ts";
import { fakeBackend } from "../../support/fake-backend.ts";

describe("choosing an endpoint", () => {
  let directory = "";
  const servers: Server[] = [];
  const path = (name: string) => join(directory, `${name}.sock`);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "crish-detect-"));
    for (const name of ["first", "second", "silent"]) {
      const server = createServer((socket) => socket.on("error", () => {}));
      await new Promise<void>((resolve) => server.listen(path(name), resolve));
      servers.push(server);
    }
    await writeFile(path("stale"), "no socket");
  });
  after(async () => {
    for (const server of servers) server.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Finds among the named sockets; `answering` are those that speak CRI. */
  async function detect(sockets: readonly string[], answering: readonly string[]) {
    const closed: string[] = [];
    const open = async (endpoint: string, early: EarlySocket): Promise<CriBackend> => {
      early.close();
      const isAnswering = answering.some((name) => endpoint === `unix://${path(name)}`);
      const version = () => {
        if (isAnswering) return {};
        throw new StatusError("Unimplemented", "unknown service");
      };
      const backend = fakeBackend({ endpoint, answers: { version } });
      return { ...backend, close: async () => void closed.push(endpoint) };
    };
    const found = await detectEndpoint({
      sockets: sockets.map(path),
      connectTimeoutMs: 500,
      signal: new AbortController().signal,
      open,
      debug: () => {},
    });
    return { endpoint: found?.endpoint, closed };
  }

  it("takes the first socket in order that answers", async () => {
    const { endpoint } = await detect(["absent", "first", "second"], ["first", "second"]);
    assert.equal(endpoint, `unix://${path("first")}`);
  });

  it("fails once when it is interrupted, however many sockets are silent", async () => {
    const controller = new AbortController();
    const interrupted = new StatusError("Cancelled", "interrupted");
    let asked = 0;
    const version = async (): Promise<never> => {
      asked++;
      if (asked === 2) controller.abort(interrupted);
      return await new Promise((_, reject) => {
        if (controller.signal.aborted) reject(interrupted);
        controller.signal.addEventListener("abort", () => reject(interrupted));
      });
    };
    const escaped: unknown[] = [];
    const onEscape = (reason: unknown) => escaped.push(reason);
    process.on("unhandledRejection", onEscape);
    try {
      const finding = detectEndpoint({
        sockets: [path("first"), path("second")],
        connectTimeoutMs: 500,
        signal: controller.signal,
        open: async (endpoint, early) => {
          early.close();
          return fakeBackend({ endpoint, answers: { version } });
        },
        debug: () => {},
      });
      await assert.rejects(finding, interrupted);
      await setImmediate();
      await setImmediate();
    } finally {
      process.off("unhandledRejection", onEscape);
    }
    assert.deepEqual(escaped, []);
  });

  it("hands over the connection that it looked with", async () => {
    const taken: (boolean | undefined)[] = [];
    const found = await detectEndpoint({
      sockets: [path("first")],
      connectTimeoutMs: 500,
      signal: new AbortController().signal,
      open: async (endpoint, early) => {
        const nothing = () => undefined;
        const events = { onOpen: nothing, onData: nothing, onDrain: nothing, onClose: nothing };
        const socket = early.take(events);
        taken.push(socket !== undefined);
        socket?.close();
        return fakeBackend({ endpoint, answers: { version: () => ({}) } });
      },
      debug: () => {},
    });
    assert.equal(found?.endpoint, `unix://${path("first")}`);
    assert.deepEqual(taken, [true]);
  });

  it("passes over files that are no socket and servers that do not speak CRI", async () => {
    const { endpoint, closed } = await detect(["stale", "first", "second"], ["second"]);
    assert.equal(endpoint, `unix://${path("second")}`);
    assert.deepEqual(closed, [`unix://${path("first")}`]);
  });

  it("finds nothing where nothing answers", async () => {
    assert.equal((await detect(["absent", "stale", "silent"], [])).endpoint, undefined);
    assert.equal((await detect([], [])).endpoint, undefined);
  });

  it("refuses to pass over a socket that permits us nothing", async () => {
    await chmod(path("silent"), 0o600);
    await chmod(directory, 0o755);
    const module = fileURLToPath(new URL("../../../src/cli/detect-endpoint.ts", import.meta.url));
    const script = `
      const { detectEndpoint } = await import(${JSON.stringify(module)});
      process.setgid(65534); process.setuid(65534);
      try {
        await detectEndpoint({ sockets: [${JSON.stringify(path("silent"))}], connectTimeoutMs: 500,
          signal: new AbortController().signal, open: () => { throw new Error("opened"); }, debug() {} });
        console.log("found nothing");
      } catch (error) { console.log(error.code, error.message, error.hint); }`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    assert.match(stdout, /^PermissionDenied no permission .*silent\.sock.*run as root/);
  });
});
