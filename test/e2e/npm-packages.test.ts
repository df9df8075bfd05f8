import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { hostTarget } from "../../scripts/release/targets.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { embeddedCli } from "../support/cli-target.ts";
import { nodeOfVersion } from "../support/node-of-version.ts";
import { startNpmRegistry } from "../support/npm-registry.ts";
import { makeRelease } from "../support/release.ts";
import { run, runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const PLATFORM = `@crish/${hostTarget().name}`;
const INSTALL_TIMEOUT_MS = 300_000;

describe("the npm packages", () => {
  const cleanup = cleanupAfter();
  let directory: string;
  let archive: string;
  let npmrc: string;
  let emptyNpmrc: string;
  before(async () => {
    const release = await makeRelease(cleanup);
    directory = await temporaryDirectory(cleanup, "npm");
    const archives = globSync("npm/*.tgz", { cwd: release }).map((name) => join(release, name));
    archive = archives.find((path) => /^crish-[0-9]/.test(basename(path))) ?? "";
    const platforms = archives.filter((path) => path !== archive);
    npmrc = await writeNpmrc("npmrc", await startNpmRegistry(cleanup, platforms));
    emptyNpmrc = await writeNpmrc("empty-npmrc", await startNpmRegistry(cleanup, []));
  });

  async function writeNpmrc(name: string, scopeRegistry: string): Promise<string> {
    const path = join(directory, name);
    const lines = [`@crish:registry=${scopeRegistry}`, "audit=false", "fund=false"];
    await writeFile(path, `${lines.join("\n")}\nupdate-notifier=false\n`);
    return path;
  }

  /** Installs without any install script. */
  async function install(name: string, args: string[], userconfig: string): Promise<string> {
    const cwd = join(directory, name);
    await mkdir(cwd);
    await writeFile(join(cwd, "package.json"), "{}");
    await runOk("npm", ["install", "--ignore-scripts", ...args], {
      cwd,
      env: { ...process.env, npm_config_userconfig: userconfig, npm_config_prefix: cwd },
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    return cwd;
  }

  it("link crish of a project straight to the executable, through the root package", async () => {
    const project = await install("project", [archive], npmrc);
    const program = join(project, "node_modules/.bin/crish");
    assert.equal(realpathSync(program), join(project, "node_modules", PLATFORM, "bin/crish"));
    assert.equal((await factsOf(program)).runtime.split(" ")[0], "Bun");
  });

  it("link the global crish of a platform's package straight to the executable", async () => {
    const prefix = await install("platform", ["--global", PLATFORM], npmrc);
    const program = join(prefix, "bin/crish");
    assert.equal(readFileSync(realpathSync(program)).subarray(1, 4).toString(), "ELF");
    assert.equal((await factsOf(program)).target, hostTarget().name);
    assert.ok(existsSync(join(prefix, "share/man/man1/crish.1")), "no manual page");
  });

  it("become the executable through a shell where the root package is global", async () => {
    const prefix = await install("global", ["--global", archive], npmrc);
    const program = join(prefix, "bin/crish");
    // No node is there to be asked.
    const facts = await factsOf(program, { PATH: "/usr/bin:/bin" });
    assert.equal(facts.runtime.split(" ")[0], "Bun");
    assert.ok(existsSync(join(prefix, "share/man/man1/crish.1")), "no manual page");
  });

  it("take crictl's defaults under that name, through the shell as well", async () => {
    const prefix = await install("crictl", ["--global", archive], npmrc);
    const program = join(directory, "crictl/crictl");
    await symlink(join(prefix, "bin/crish"), program);
    const { stdout } = await runOk(program, ["--version"]);
    assert.match(stdout, /^crictl version v1\./);
    const { status, stderr } = await run(program, ["-r", "unix:///nothing.sock", "ps"]);
    assert.equal(status, 1);
    assert.match(stderr, /^time="\S+" level=error msg="rpc error: code = Unavailable /);
  });

  it("say in one line which Node they run on, under another", async () => {
    const project = await install("old-node", [archive], emptyNpmrc);
    const preload = join(project, "old-node.cjs");
    const versions = '{ ...process.versions, node: "22.1.0" }';
    await writeFile(
      preload,
      `Object.defineProperty(process, "versions", { value: ${versions} });\n`,
    );
    const { status, stdout, stderr } = await run(join(project, "node_modules/.bin/crish"), ["ps"], {
      env: { ...process.env, NODE_OPTIONS: `--require ${preload}` },
    });
    assert.deepEqual([status, stdout], [1, ""]);
    const manifest = readFileSync(join(project, "node_modules/crish/package.json"), "utf8");
    const { engines } = JSON.parse(manifest) as { engines: { node: string } };
    const [line] = stderr.split("\n");
    assert.equal(line, `crish: Node 22.1.0 does not run crish, ${engines.node} does`);
  });

  for (const version of ["24.15.0", process.versions.node]) {
    describe(`on Node ${version}, where no executable fits`, () => {
      const cleanupOfRoot = cleanupAfter();
      let program: string;
      let node: string;
      before(async () => {
        node = nodeOfVersion(version);
        const project = await install(`node-${version}`, [archive], emptyNpmrc);
        program = join(project, "node_modules/.bin/crish");
        assert.equal(existsSync(join(project, "node_modules", PLATFORM)), false);
      });

      it("runs, execs, lists and removes on the embedded runtime, and runs scripts", async () => {
        const env = { PATH: `${dirname(node)}:${process.env.PATH}` };
        assert.equal((await factsOf(program, env)).runtime, `Node ${version}`);
        process.env.CRISH_BIN = program;
        const path = process.env.PATH;
        process.env.PATH = env.PATH;
        try {
          const target = await embeddedCli(cleanupOfRoot);
          const shell = ["sh", "-c", "echo started; sleep 1000"];
          const id = await target.runDetached("smoke", shell);
          assert.match(await target.out(["ps"]), /Running +smoke/);
          assert.equal((await target.crish(["exec", "smoke", "sh", "-c", "exit 7"])).status, 7);
          const { stdout } = await target.crish(["exec", "-i", "smoke", "cat"], { input: "piped" });
          assert.equal(stdout, "piped");
          assert.match(await target.out(["logs", id]), /started/);
          const script = "ps -q --no-trunc\nexec smoke echo from the script\nrmp --force smoke\n";
          const lines = (await target.out(["repl"], { input: script })).split("\n");
          assert.equal(lines[0], id);
          assert.equal(lines[1], "from the script");
          assert.equal(await target.out(["pods", "-q"]), "");
        } finally {
          delete process.env.CRISH_BIN;
          process.env.PATH = path;
        }
      });
    });
  }
});

interface Facts {
  readonly runtime: string;
  readonly target: string;
}

async function factsOf(program: string, env: NodeJS.ProcessEnv = {}): Promise<Facts> {
  const { stdout } = await runOk(program, ["version", "--client", "-o", "json"], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout) as Facts;
}
