import assert from "node:assert/strict";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openRemote } from "../../../src/cri/remote-backend.ts";
import {
  type BackgroundProcess,
  startBackgroundProcess,
} from "../../support/background-process.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { crish, crishCommand, crishEnvironment } from "../../support/crish.ts";
import { createEmbeddedRoot } from "../../support/embedded-root.ts";
import { waitUntil } from "../../support/wait-until.ts";

describe("crish serve", () => {
  const cleanup = cleanupAfter();

  async function started(): Promise<{
    server: BackgroundProcess;
    path: string;
    env: NodeJS.ProcessEnv;
  }> {
    const { directory, env } = await createEmbeddedRoot(cleanup);
    const path = join(directory, "serve", "cri.sock");
    const { command, args } = crishCommand();
    const server = startBackgroundProcess(
      cleanup,
      command,
      [...args, "serve", "--listen", `unix://${path}`],
      { env: crishEnvironment(env) },
    );
    await waitUntil("it says where it listens", async () => {
      if (server.child.exitCode !== null) throw new Error(`it has ended: ${server.output()}`);
      return server.output().includes(`serving CRI on unix://${path}`);
    });
    return { server, path, env };
  }

  it("answers from the moment it says so, until SIGTERM ends it with 0 and takes the socket away", async () => {
    const { server, path } = await started();
    assert.equal((await lstat(path)).mode & 0o777, 0o660);
    const remote = await openRemote({
      runtimeEndpoint: path,
      connectTimeoutMs: 2000,
      maxRetries: 0,
    });
    cleanup.add("close client", () => remote.close());
    assert.equal((await remote.runtime.version({ version: "0.1.0" })).runtimeName, "crish");
    server.child.kill("SIGTERM");
    assert.equal(await server.ended, 0);
    await assert.rejects(lstat(path), { code: "ENOENT" });
    await assert.rejects(remote.runtime.version({ version: "0.1.0" }), { code: "Unavailable" });
  });

  it("takes a signal that comes twice at once, to it and to its group, for one", async () => {
    const { server, path } = await started();
    server.child.kill("SIGHUP");
    server.child.kill("SIGTERM");
    assert.equal(await server.ended, 0);
    await assert.rejects(lstat(path), { code: "ENOENT" });
  });

  it("does not take the socket of another one, but that of one that was killed", async () => {
    const { server, path, env } = await started();
    const second = await crish(["serve", "--listen", `unix://${path}`], { env });
    assert.equal(second.status, 1);
    assert.match(second.stderr, /another server answers on ".*cri\.sock"\nhint: stop it/);
    server.child.kill("SIGKILL");
    await server.ended;
    assert.ok((await lstat(path)).isSocket());
    const { command, args } = crishCommand();
    const third = startBackgroundProcess(cleanup, command, [...args, "serve", "--listen", path], {
      env: crishEnvironment(env),
    });
    await waitUntil("it serves again", async () => third.output().includes("serving CRI on"));
    third.child.kill("SIGINT");
    assert.equal(await third.ended, 0);
  });

  const refused: [what: string, args: string[], stderr: RegExp][] = [
    ["a remote endpoint", ["-r", "unix:///run/x.sock", "serve"], /serve cannot expose/],
    ["an address that is malformed", ["serve", "--listen", "cri.sock"], /malformed endpoint/],
    [
      "an address beyond this machine",
      ["serve", "--listen", "tcp://0.0.0.0:9"],
      /no authentication/,
    ],
  ];
  for (const [what, args, stderr] of refused) {
    it(`refuses ${what} with status 2`, async () => {
      const { env } = await createEmbeddedRoot(cleanup);
      const { CONTAINER_RUNTIME_ENDPOINT: _, ...others } = env;
      const result = await crish(args, { env: others });
      assert.match(result.stderr, stderr);
      assert.equal(result.status, 2);
    });
  }
});
