import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { projectRoot } from "./import-graph.ts";

/** Loading any of these costs milliseconds that a short command does not have. */
const HEAVY = /node_modules\/(@grpc|@oclif|@inquirer|ws|cli-table3|chalk|yaml|koffi)\//;

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
