import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { crish } from "../support/crish.ts";
import { runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const MARK = "HOSTILE";
/** Every way to start that needs no backend, and one that looks for one and finds none. */
const STARTS: readonly (readonly string[])[] = [
  ["--version"],
  ["version", "--client", "-o", "json"],
  ["--help"],
  ["ps", "--help"],
  ["no-such-verb"],
  ["-r", "unix:///nonexistent/cri.sock", "ps"],
  ["-r", "tcp://127.0.0.1:1", "ps"],
  ["repl"],
];
/** Packages that the program imports, and that lie here once more. */
const PACKAGES = [
  "@grpc/grpc-js",
  "@oclif/core",
  "@inquirer/prompts",
  "chalk",
  "koffi",
  "ws",
  "yaml",
];

describe("started in a hostile directory, the executable", () => {
  const cleanup = cleanupAfter();
  let clean: string;
  let hostile: string;
  let marker: string;
  before(async () => {
    clean = await temporaryDirectory(cleanup, "clean");
    hostile = await temporaryDirectory(cleanup, "hostile");
    marker = join(hostile, "ran");
    await plant(hostile, marker);
  });

  it("would run its code if it were plain Bun", async () => {
    const directory = await temporaryDirectory(cleanup, "hostile");
    await plant(directory, join(directory, "ran"));
    await crish(["-e", "0"], { cwd: directory, env: { BUN_BE_BUN: "1" } });
    assert.equal(existsSync(join(directory, "ran")), true);
  });

  for (const args of STARTS) {
    it(`does the same as in an empty one: ${args.join(" ")}`, async () => {
      const expected = await start(args, clean);
      const found = await start(args, hostile);
      assert.deepEqual(found, expected);
      assert.equal(existsSync(marker), false, "code of the directory ran");
      assert.doesNotMatch(found.stdout + found.stderr, new RegExp(MARK));
    });
  }

  it("runs nothing of a home that is hostile as well", async () => {
    const env = { HOME: hostile, XDG_CONFIG_HOME: hostile };
    const { status } = await crish(["version", "--client"], { cwd: hostile, env });
    assert.equal(status, 0);
    assert.equal(existsSync(marker), false, "code of the home directory ran");
  });

  it("opens none of the files: each is a pipe that nobody writes to, and it ends all the same", async () => {
    const directory = await temporaryDirectory(cleanup, "pipes");
    for (const name of await readdir(hostile, { withFileTypes: true })) {
      if (name.isFile()) await runOk("mkfifo", [join(directory, name.name)]);
    }
    for (const args of STARTS) {
      const expected = await start(args, clean);
      assert.deepEqual(await start(args, directory), expected);
    }
  });
});

async function start(args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = await crish([...args], { cwd, input: "exit\n" });
  return { status, stdout, stderr };
}

/** Files that Bun, Node, npm or a plugin system would take up, each leaving the marker when run. */
async function plant(directory: string, marker: string): Promise<void> {
  const touch = `require("node:fs").appendFileSync(${JSON.stringify(marker)}, "x");`;
  const variables = [
    `BUN_OPTIONS=--preload=${join(directory, "preload.js")}`,
    `NODE_OPTIONS=--require=${join(directory, "preload.js")}`,
    `CONTAINER_RUNTIME_ENDPOINT=unix:///${MARK}.sock`,
    `CRISH_ROOT=/nonexistent/${MARK}`,
    "FORCE_COLOR=3",
    "DEBUG=*",
  ].join("\n");
  const bunfig = `preload = ["./preload.js"]\nenv = true\n[test]\npreload = ["./preload.js"]\n`;
  const manifest = {
    name: "crish",
    version: `0.0.0-${MARK}`,
    type: "module",
    imports: { "#*": "./preload.js" },
    oclif: { plugins: ["@oclif/plugin-evil"], hooks: { init: "./preload.js" }, commands: "./bin" },
    scripts: { start: "sh preload.sh", ps: "sh preload.sh", repl: "sh preload.sh" },
  };
  const config = { "runtime-endpoint": `unix:///${MARK}.sock`, timeout: 1 };
  const files: Record<string, string> = {
    "preload.js": touch,
    "preload.sh": `#!/bin/sh\necho x >> '${marker}'\n`,
    "bunfig.toml": bunfig,
    ".bunfig.toml": bunfig,
    ".npmrc": `node-options=--require=${join(directory, "preload.js")}\n`,
    ".node-version": MARK,
    "package.json": JSON.stringify(manifest),
    "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "*": ["./preload.js"] } } }),
    "jsconfig.json": MARK,
    "crictl.yaml": JSON.stringify(config),
    "runtime.yaml": MARK,
    ".crishrc": MARK,
    "crish.yaml": MARK,
    "config.yaml": MARK,
    "index.js": touch,
    "crish.js": touch,
    "ps.js": touch,
    "koffi.node": MARK,
    "bin/crish.js": touch,
    "bin/crish.ts": touch,
    "src/cli/start-process.ts": touch,
    "etc/crictl.yaml": JSON.stringify(config),
  };
  for (const name of [".env", ".env.local", ".env.production", ".env.development"]) {
    files[name] = variables;
  }
  for (const name of [...PACKAGES, "@oclif/plugin-evil"]) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: "index.js" });
    files[`node_modules/${name}/index.js`] = touch;
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text, { mode: 0o755 });
  }
}
