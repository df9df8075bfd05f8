import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
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
function loadedAfter(code: string): string[] {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    ${code}
    console.log(JSON.stringify(loaded));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: projectRoot,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "[]");
}

describe("start-up", () => {
  it("loads the whole table of commands without a heavy module, SQLite or the runtime", () => {
    const loaded = loadedAfter(
      'const { loadAllCommands } = await import("./src/cli/command-table.ts"); await loadAllCommands();',
    );
    assert.ok(loaded.some((url) => url.endsWith("/src/commands/ps.ts")));
    const heavy = loaded.filter(
      (url) => HEAVY.test(url) || url === "node:sqlite" || url.includes("/src/runtime/"),
    );
    assert.deepEqual(heavy, []);
  });

  it("runs a right command line without oclif, and a wrong one with it", () => {
    const run = (...argv: string[]) =>
      loadedAfter(
        `const { startProcess } = await import("./src/cli/start-process.ts");
         await startProcess(${JSON.stringify(argv)}, () => {});
         process.exitCode = 0;`,
      );
    const isOclif = (url: string) => url.includes("/@oclif/");
    assert.deepEqual(run("version", "--client").filter(isOclif), []);
    assert.notDeepEqual(run("ps", "--last", "two").filter(isOclif), []);
  });

  it("runs a command with none of the builtin modules that take milliseconds to load", () => {
    const loaded = loadedAfter(
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

  it("lists containers with no other of them than the connection's on Node", () => {
    const loaded = loadedAfter(
      `const { startProcess } = await import("./src/cli/start-process.ts");
       await startProcess(["-r", "unix:///nonexistent", "ps"], () => {});
       process.exitCode = 0;`,
    );
    assert.ok(loaded.some((url) => url.endsWith("/src/cri/remote-backend.ts")));
    const slow = loaded.filter((url) => SLOW_BUILTINS.test(url) || HEAVY.test(url));
    assert.deepEqual(slow, ["node:net"]);
  });

  it("compiles no regular expression for a right command line and a table", () => {
    const used = loadedAfter(
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

  it("lists containers without a method that the runtime compiles when it is first called", () => {
    const used = loadedAfter(
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

  it("answers --version with two files of its own", () => {
    const loaded = loadedAfter(
      'process.argv = ["node", "crish", "--version"]; await import("./bin/crish.ts");',
    );
    const ours = loaded
      .filter((url) => !url.startsWith("node:"))
      .map((url) => url.split("/").at(-1));
    assert.deepEqual(ours.sort(), ["crish.ts", "package.json", "version.ts"]);
  });
});
