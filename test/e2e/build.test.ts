import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { BUILD_TREE } from "../../scripts/release/build-tree.ts";
import { sourceIdentity } from "../../scripts/release/source-identity.ts";
import { hostTarget, TARGETS, type Target } from "../../scripts/release/targets.ts";
import { arm64Libraries } from "../support/arm64-libraries.ts";
import { cloneCheckout } from "../support/checkout.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { run, runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const MACHINES = { x64: 62, arm64: 183 };
const BUILD_TIMEOUT_MS = 300_000;
const isTrue = () => true;
const isFalse = () => false;

describe("the build", () => {
  const cleanup = cleanupAfter();

  it("makes the same bytes of the same commit, wherever it was checked out and whoever builds", async () => {
    const directory = await temporaryDirectory(cleanup, "build");
    const first = await cloneCheckout(join(directory, "a"));
    const second = await cloneCheckout(join(directory, "somewhere else", "with a longer name"));
    const other = { TZ: "Asia/Tokyo", LANG: "C", HOME: directory, BUN_OPTIONS: "--smol" };
    await build(first, []);
    await build(second, [], other);
    assert.equal(digestOf(join(first, "dist/crish")), digestOf(join(second, "dist/crish")));

    const { stdout: commit } = await runOk("git", ["-C", first, "rev-parse", "HEAD"]);
    const facts = await runOk(join(first, "dist/crish"), ["version", "--client", "-o", "json"]);
    assert.deepEqual(JSON.parse(facts.stdout), {
      version: JSON.parse(readFileSync(join(first, "package.json"), "utf8")).version,
      commit: commit.trim(),
      runtime: `Bun ${bunVersion()}`,
      target: hostTarget().name,
    });
  });

  it("says when files differ from the commit, and does without git", async () => {
    const checkout = await cloneCheckout(join(await temporaryDirectory(cleanup, "build"), "dirty"));
    await writeFile(join(checkout, "src/new-file.ts"), "export {};\n");
    await build(checkout, []);
    assert.match(await commitOf(checkout), /^[0-9a-f]{40}-dirty$/);
    await rm(join(checkout, ".git"), { recursive: true });
    await build(checkout, []);
    assert.equal(await commitOf(checkout), "unknown");
  });

  it("waits for another build of the same user", async () => {
    const checkout = await cloneCheckout(join(await temporaryDirectory(cleanup, "build"), "twice"));
    const outputs = ["one", "two"].map((name) => join(checkout, name));
    await Promise.all(outputs.map((output) => build(checkout, ["--outfile", output])));
    assert.equal(digestOf(outputs[0] ?? ""), digestOf(outputs[1] ?? ""));
  });

  it("takes over from a build that was killed", async () => {
    const checkout = await cloneCheckout(
      join(await temporaryDirectory(cleanup, "build"), "killed"),
    );
    const { pid: dead } = spawnSync("true");
    await waitUntil("the place is free", () => mkdir(BUILD_TREE).then(isTrue, isFalse), {
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    await writeFile(join(BUILD_TREE, ".owner"), String(dead));
    await build(checkout, []);
    assert.match(await commitOf(checkout), /^[0-9a-f]{40}$/);
  });

  it("knows the commit in an archive made by git as well", async () => {
    const directory = await temporaryDirectory(cleanup, "build");
    const checkout = await cloneCheckout(join(directory, "checkout"));
    await runOk("sh", ["-c", `git archive HEAD | tar -x -C '${directory}'`], { cwd: checkout });
    const { stdout } = await runOk("git", ["log", "-1", "--format=%H %ct"], { cwd: checkout });
    const [commit, time] = stdout.trim().split(" ");
    const { version } = sourceIdentity(checkout);
    assert.deepEqual(sourceIdentity(directory), { version, commit, time: Number(time) });
  });

  it("says in one line what is wrong with how it is asked", async () => {
    const targets = TARGETS.map(({ name }) => name).join(", ");
    const unknown = `there is no target "windows"; known are: ${targets}, all\n`;
    const cases: readonly (readonly [script: string, args: readonly string[], line: string])[] = [
      ["build.ts", ["--target", "windows"], unknown],
      ["build.ts", ["--target", "all", "--outfile", "x"], "--outfile is for one target\n"],
      ["release/release.ts", ["--target", "windows"], unknown],
    ];
    for (const [script, args, line] of cases) {
      const { status, stderr } = await run("node", [`scripts/${script}`, ...args], { cwd: ROOT });
      assert.deepEqual([status, stderr], [2, line]);
    }
    const option = await run("node", ["scripts/build.ts", "--tarjet=x"], { cwd: ROOT });
    assert.equal(option.status, 2);
    assert.match(option.stderr, /^Unknown option '--tarjet'[^\n]*\n$/);
  });

  it("makes executables for every target, runs what can run here and names the rest", async () => {
    const checkout = await cloneCheckout(join(await temporaryDirectory(cleanup, "build"), "all"));
    const libraries = await arm64Libraries();
    const said = await build(checkout, ["--target", "all"], { QEMU_LD_PREFIX: libraries });
    for (const target of TARGETS) {
      const file = join(checkout, `dist/crish-${target.name}`);
      assert.deepEqual(headerOf(file), expectedHeader(target), target.name);
      const line = said.split("\n").find((one) => one.startsWith(`${file}: `)) ?? "";
      const canRun = target.libc === "glibc";
      if (canRun) assert.match(line, /: runs, crish version /);
      else assert.match(line, /: (runs, crish version |built, and not run: this machine has no )/);
    }
    const arm64 = join(checkout, "dist/crish-linux-arm64");
    const onArm64 = (args: string[], input = "") =>
      run("qemu-aarch64-static", [arm64, ...args], {
        input,
        env: { PATH: process.env.PATH, QEMU_LD_PREFIX: libraries, ...embeddedRootAt(checkout) },
      });
    const { stdout } = await onArm64(["version", "--client", "-o", "json"]);
    const facts = JSON.parse(stdout) as { target: string; runtime: string };
    assert.equal(facts.target, "linux-arm64");
    assert.equal(facts.runtime, `Bun ${bunVersion()}`);
    assert.equal((await onArm64(["-r", "unix:///nonexistent/cri.sock", "ps"])).status, 3);
    assert.match((await onArm64(["-r", "embedded:", "images"])).stdout, /^IMAGE +TAG/);
    assert.match((await onArm64(["-r", "embedded:", "repl"], "pods\n")).stdout, /^POD ID/);
  });
});

/** Makes "embedded:" mean a root that is removed with the checkout. */
function embeddedRootAt(checkout: string): Record<string, string> {
  return {
    CRISH_ROOT: join(checkout, "root"),
    CRISH_STATE: join(checkout, "state"),
    CRI_CONFIG_FILE: "/dev/null",
  };
}

/** Builds in a checkout and returns what the build said. */
async function build(checkout: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const { stdout } = await runOk("node", ["scripts/build.ts", ...args], {
    cwd: checkout,
    env: { ...process.env, ...env },
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  return stdout;
}

async function commitOf(checkout: string): Promise<string> {
  const args = ["version", "--client", "-o", "json"];
  const { stdout } = await runOk(join(checkout, "dist/crish"), args);
  return (JSON.parse(stdout) as { commit: string }).commit;
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function bunVersion(): string {
  const text = readFileSync(join(ROOT, "package.json"), "utf8");
  const { optionalDependencies } = JSON.parse(text) as {
    optionalDependencies: Record<string, string>;
  };
  return optionalDependencies[hostTarget().bunPackage] ?? "";
}

/** Machine and loader, as the ELF header and the program's first page name them. */
function headerOf(file: string): { machine: number; loader: string } {
  const bytes = readFileSync(file).subarray(0, 4096);
  const loader = /\/lib[a-z0-9/._-]*\/ld-[a-z0-9._-]+/.exec(bytes.toString("latin1"))?.[0] ?? "";
  return { machine: bytes.readUInt16LE(18), loader };
}

function expectedHeader({ cpu, libc }: Target): { machine: number; loader: string } {
  const loaders = {
    "x64 glibc": "/lib64/ld-linux-x86-64.so.2",
    "arm64 glibc": "/lib/ld-linux-aarch64.so.1",
    "x64 musl": "/lib/ld-musl-x86_64.so.1",
    "arm64 musl": "/lib/ld-musl-aarch64.so.1",
  };
  return { machine: MACHINES[cpu], loader: loaders[`${cpu} ${libc}`] };
}
