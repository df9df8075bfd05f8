import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import type { ExecRequest } from "../../src/cri/gen/runtime/v1/api.ts";
import { createStreamingServer } from "../../src/runtime/streaming/streaming-server.ts";
import { serve } from "../../src/server/serve.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { fakeBackend } from "../support/scripted-backend.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { inProcessStreams } from "../unit/streaming/in-process-streams.ts";
import { projectRoot } from "./import-graph.ts";

/** Loading any of these costs milliseconds that a short command does not have. */
const HEAVY = /node_modules\/(@grpc|@oclif|@inquirer|ws|cli-table3|chalk|yaml|smol-toml|koffi)\//;

/** What Bun takes a millisecond or more to load, as some do to Node. */
const SLOW_BUILTINS =
  /^node:(crypto|tty|net|http2?|zlib|child_process|readline|fs|path|(fs|timers)\/promises)$/;

/** Bun has these in JavaScript: each takes 10 to 60 µs of a start where it is called for the first time. */
const COMPILED_LATE = [
  ...["map", "filter", "some", "every", "find", "findIndex", "findLast", "flatMap"],
  ...["forEach", "at", "reduce"],
];

/** Files under node_modules and src that a fresh process has loaded after running the code. */
async function loadedAfter(code: string): Promise<string[]> {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    ${code}
    console.log("\\n" + JSON.stringify(loaded));`;
  const running = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd: projectRoot,
  });
  running.child.stdin?.end();
  const { stdout } = await running;
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]");
}

describe("start-up", () => {
  const cleanup = cleanupAfter();

  it("loads the whole table of commands without a heavy module, SQLite or the runtime", async () => {
    const loaded = await loadedAfter(
      'const { loadAllCommands } = await import("./src/cli/command-table.ts"); await loadAllCommands();',
    );
    assert.ok(loaded.some((url) => url.endsWith("/src/commands/ps.ts")));
    const heavy = loaded.filter(
      (url) => HEAVY.test(url) || url === "node:sqlite" || url.includes("/src/runtime/"),
    );
    assert.deepEqual(heavy, []);
  });

  it("runs a right command line without oclif, and a wrong one with it", async () => {
    const run = (...argv: string[]) =>
      loadedAfter(
        `const { startProcess } = await import("./src/cli/start-process.ts");
         await startProcess(${JSON.stringify(argv)}, () => {});
         process.exitCode = 0;`,
      );
    const isOclif = (url: string) => url.includes("/@oclif/");
    assert.deepEqual((await run("version", "--client")).filter(isOclif), []);
    assert.notDeepEqual((await run("ps", "--last", "two")).filter(isOclif), []);
  });

  it("runs a command with none of the builtin modules that take milliseconds to load", async () => {
    const loaded = await loadedAfter(
      `const { startProcess } = await import("./src/cli/start-process.ts");
       await startProcess(["version", "--client"], () => {});`,
    );
    assert.ok(loaded.some((url) => url.endsWith("/src/commands/version.ts")));
    assert.deepEqual(
      loaded.filter((url) => SLOW_BUILTINS.test(url)),
      [],
    );
    assert.deepEqual(
      loaded.filter((url) => HEAVY.test(url)),
      [],
    );
  });

  it("lists containers with no other of them than the connection's on Node", async () => {
    const loaded = await loadedAfter(
      `const { startProcess } = await import("./src/cli/start-process.ts");
       await startProcess(["-r", "unix:///nonexistent", "ps"], () => {});
       process.exitCode = 0;`,
    );
    assert.ok(loaded.some((url) => url.endsWith("/src/cri/remote-backend.ts")));
    const slow = loaded.filter((url) => SLOW_BUILTINS.test(url) || HEAVY.test(url));
    assert.deepEqual(slow, ["node:net"]);
  });

  it("runs a command in a container without streams and zlib, and with the connection's node:net", async () => {
    const streaming = await createStreamingServer({ streams: inProcessStreams() });
    cleanup.add("close the streaming server", () => streaming.close());
    const exec = (request: ExecRequest) => ({ url: streaming.execUrl(request) });
    const path = join(await temporaryDirectory(cleanup, "start-up"), "cri.sock");
    const server = await serve(fakeBackend({ exec }), { listen: `unix://${path}` });
    cleanup.add("close the server", () => server.close(0));
    const id = "0123456789abcdef".repeat(4);
    const loaded = await loadedAfter(
      `const { startProcess } = await import("./src/cli/start-process.ts");
       const { getBuiltinModule } = process;
       process.getBuiltinModule = (name) => {
         loaded.push(name);
         return getBuiltinModule(name);
       };
       await startProcess(["-r", "${server.endpoint}", "exec", "${id}", "both"], () => {});
       loaded.push(process.exitCode);
       process.exitCode = 0;`,
    );
    assert.equal(loaded.pop(), 3);
    assert.ok(loaded.some((url) => url.endsWith("/lean/lean-exec.ts")));
    const builtins = new Set(loaded.filter((url) => url.startsWith("node:")));
    // Of a pipe that the executable would write to without it.
    builtins.delete("node:fs");
    assert.deepEqual([...builtins], ["node:net"]);
    assert.deepEqual(
      loaded.filter((url) => HEAVY.test(url)),
      [],
    );
  });

  it("compiles no regular expression for a right command line and a table", async () => {
    const used = await loadedAfter(
      `const { startProcess } = await import("./src/cli/start-process.ts");
       const { parseEndpoint } = await import("./src/cri/parse-endpoint.ts");
       const { renderTable } = await import("./src/output/table.ts");
       const { shortId } = await import("./src/output/short-id.ts");
       const { exec } = RegExp.prototype;
       loaded.length = 0;
       RegExp.prototype.exec = function (text) {
         if (new Error().stack.includes("/src/")) loaded.push(String(this));
         return exec.call(this, text);
       };
       await startProcess(["-r", "embedded:", "--color=never", "version", "--client"], () => {});
       parseEndpoint("unix:///run/containerd/containerd.sock");
       await renderTable(["ID"], [[shortId("0123456789abcdef")]], { isTty: false, color: false });
       loaded.splice(0, loaded.length, ...loaded.filter((text) => text.startsWith("/")));`,
    );
    assert.deepEqual(used, []);
  });

  it("lists containers without a method that the runtime compiles when it is first called", async () => {
    const used = await loadedAfter(
      `const { startProcess } = await import("./src/cli/start-process.ts");
       const { createCleanup } = await import("./test/support/cleanup.ts");
       const { startLargeNode } = await import("./test/support/large-node.ts");
       const cleanup = createCleanup();
       const { endpoint } = await startLargeNode(cleanup, { containers: 3, hasStreams: false });
       const used = [];
       const watch = (owner, name) => {
         const original = owner[name];
         owner[name] = function (...args) {
           const caller = new Error().stack.split("\\n")[2];
           if (/file:.*\\/(src|bin)\\/(?!server|cri\\/gen)/.test(caller)) used.push(name + caller);
           return original.apply(this, args);
         };
       };
       for (const name of ${JSON.stringify(COMPILED_LATE)}) watch(Array.prototype, name);
       watch(Array, "from");
       watch(Object, "fromEntries");
       await startProcess(["-r", endpoint, "ps"], () => {});
       loaded.splice(0, loaded.length, ...used, process.exitCode);
       await cleanup.run();`,
    );
    assert.deepEqual(used, [0]);
  });

  it("answers --version with two files of its own", async () => {
    const loaded = await loadedAfter(
      'process.argv = ["node", "crish", "--version"]; await import("./bin/crish.ts");',
    );
    const ours = loaded
      .filter((url) => !url.startsWith("node:"))
      .map((url) => url.split("/").at(-1));
    assert.deepEqual(ours.sort(), ["crish.ts", "package.json", "version.ts"]);
  });
});
