/**
 * Runs the checks and the test suites, one after another, and closes with a line that counts them.
 * Arguments name suites (default: all): `node scripts/run-tests.ts unit contract`, or test files.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { cpus } from "node:os";
import { relative, resolve } from "node:path";
import { run } from "node:test";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** In the order in which they run: what fails fast comes first. */
const SUITES = ["check", "unit", "architecture", "build", "integration", "contract", "e2e"];

/** Suites that share the node's network and disk run file by file. */
const PARALLEL = new Set(["unit", "architecture"]);

const CHECKS: readonly (readonly [string, string, readonly string[]])[] = [
  ["types", "tsc", ["--noEmit"]],
  ["lint and format", "biome", ["check", "--error-on-warnings", "."]],
  ["dead code", "knip", ["--no-progress"]],
];

const root = resolve(import.meta.dirname, "..");
const END_LEFTOVERS = resolve(root, "test/support/end-leftovers.ts");
/** Of one test or hook, on a machine that is busy with other things. */
const TEST_LIMIT_MS = 10 * 60_000;
/** Of all together: who waits for the run hears which tests hung rather than nothing. */
const runLimit = AbortSignal.timeout(75 * 60_000);
const total: Count = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<void> {
  const wanted = names.length > 0 ? names : SUITES;
  for (const name of wanted) {
    const before = { ...total };
    const startedAt = Date.now();
    write(`\n== ${name}\n`);
    if (name === "check") runCommands(CHECKS);
    else if (name === "build") runCommands([["dist/crish", "bun", ["scripts/build.ts"]]]);
    else await runFiles(name);
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    write(`-- ${name}: ${total.passed - before.passed} passed, `);
    write(`${total.failed - before.failed} failed, ${seconds} s\n`);
  }
  if (failures.length > 0) write(`\nfailed:\n${failures.map((line) => `  ${line}\n`).join("")}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
  const skipFails = total.skipped > 0 && process.env.CI !== undefined;
  process.exitCode = total.failed > 0 || total.passed === 0 || skipFails ? 1 : 0;
}

function runCommands(checks: readonly (readonly [string, string, readonly string[]])[]): void {
  for (const [title, command, args] of checks) {
    const { status, error, stdout } = spawnSync(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      encoding: "utf8",
      maxBuffer: 64 << 20,
    });
    if (status === 0) {
      total.passed += 1;
      write(`ok ${title}\n`);
    } else {
      fail(title, error?.message ?? stdout);
    }
  }
}

async function runFiles(name: string): Promise<void> {
  const files = name.endsWith(".ts") ? [resolve(name)] : filesOf(name);
  if (files.length === 0) fail(name, "there is no such suite or file");
  const events = run({
    files,
    cwd: root,
    concurrency: PARALLEL.has(name) ? Math.max(1, cpus().length) : 1,
    timeout: TEST_LIMIT_MS,
    signal: runLimit,
    execArgv: ["--import", END_LEFTOVERS],
  });
  for await (const event of events) {
    if (event.type === "test:stdout" || event.type === "test:stderr") {
      write(event.data.message);
      continue;
    }
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name: title, file, skip, todo, details } = event.data;
    const isGroup = details.type === "suite" || title === file;
    const label = `${file === undefined ? "" : `${relative(root, file)}: `}${title}`;
    if (event.type === "test:fail") {
      // A group fails with its members; it is counted only when it failed by itself.
      const error = event.data.details.error;
      if (isGroup && error.cause !== undefined && /subtests? failed/.test(String(error.cause)))
        continue;
      fail(label, text(error));
    } else if (isGroup) {
      // A group is no test.
    } else if (skip !== undefined || todo !== undefined) {
      total.skipped += 1;
      write(`skipped ${label}\n`);
    } else {
      total.passed += 1;
    }
  }
}

function filesOf(suite: string): string[] {
  return globSync(`test/${suite}/**/*.test.ts`, { cwd: root })
    .map((file) => resolve(root, file))
    .sort();
}

function fail(title: string, reason: string): void {
  total.failed += 1;
  failures.push(title);
  write(`not ok ${title}\n${reason.replaceAll(/^/gm, "    ")}\n`);
}

function text(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}

function write(chunk: string): void {
  process.stdout.write(chunk);
}
