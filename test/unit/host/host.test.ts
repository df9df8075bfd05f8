import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeFileAtomic } from "../../../src/host/atomic-file.ts";
import { createClock } from "../../../src/host/clock.ts";
import {
  currentProcess,
  identify,
  isAlive,
  parseProcessStat,
} from "../../../src/host/process-identity.ts";
import { runProcess } from "../../../src/host/run-process.ts";
import { selfCommand } from "../../../src/host/self-executable.ts";
import { spawnProcess } from "../../../src/host/spawn-process.ts";
import { waitUntil } from "../../support/wait-until.ts";

const directory = mkdtempSync(join(tmpdir(), "crish-host-"));
after(() => rmSync(directory, { recursive: true, force: true }));

test("a process's output, input and exit code come back", async () => {
  const result = await runProcess("sh", ["-c", "cat; echo err >&2; exit 3"], { input: "hello" });
  assert.equal(result.exitCode, 3);
  assert.equal(result.stdout.toString(), "hello");
  assert.equal(result.stderr.toString(), "err\n");
});

test("a signal that ends the process is reported", async () => {
  const result = await runProcess("sh", ["-c", "kill -TERM $$"]);
  assert.deepEqual([result.exitCode, result.signal], [undefined, "SIGTERM"]);
});

test("a missing program is FailedPrecondition and names its package", async () => {
  await assert.rejects(runProcess("/nowhere/conmon", []), {
    code: "FailedPrecondition",
    message: 'no executable "/nowhere/conmon"',
    hint: /apt-get install conmon/,
  });
});

test("a process that takes too long is killed", async () => {
  await assert.rejects(runProcess("sleep", ["60"], { timeoutMs: 20 }), {
    code: "DeadlineExceeded",
  });
});

test("an abort kills the process", async () => {
  const abort = new AbortController();
  const run = runProcess("sleep", ["60"], { signal: abort.signal });
  abort.abort();
  await assert.rejects(run, { code: "Cancelled" });
});

test("what a process has started is killed with it where that is wanted", async () => {
  const file = join(directory, "descendant");
  const script = `sh -c 'sleep 305 & echo $! > ${file}.new; mv ${file}.new ${file}; wait'; true`;
  const abort = new AbortController();
  const run = runProcess("sh", ["-c", script], { signal: abort.signal, killsDescendants: true });
  await waitUntil("the descendant runs", () => existsSync(file));
  const descendant = identify(Number(readFileSync(file, "utf8")));
  assert.ok(descendant !== undefined && isAlive(descendant));
  abort.abort();
  await assert.rejects(run, { code: "Cancelled" });
  await waitUntil("it has ended", () => !isAlive(descendant));
  rmSync(file);
});

test("more output than allowed is refused", async () => {
  await assert.rejects(runProcess("head", ["-c", "5000", "/dev/zero"], { maxOutputBytes: 4000 }), {
    code: "ResourceExhausted",
  });
});

test("a child that keeps the pipes open does not hold up the result", async () => {
  const result = await runProcess("sh", ["-c", "sleep 5 & echo $!"], { timeoutMs: 4000 });
  process.kill(Number(result.stdout.toString()));
  assert.equal(result.exitCode, 0);
});

test("an atomic write replaces the file with the mode asked for and leaves nothing else", async () => {
  const path = join(directory, "file");
  await writeFileAtomic(path, "one", { mode: 0o666 });
  await writeFileAtomic(path, "two", { mode: 0o600, durable: true });
  assert.equal(readFileSync(path, "utf8"), "two");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await assert.rejects(writeFileAtomic(join(directory, "absent", "file"), "x"));
  await assert.rejects(writeFileAtomic(directory, "x"));
  assert.deepEqual(readdirSync(directory), ["file"]);
});

test("this process is alive, and another start time or boot under its number is not", () => {
  const self = currentProcess();
  assert.equal(isAlive(self), true);
  assert.equal(isAlive({ ...self, startTime: self.startTime + 1 }), false);
  assert.equal(isAlive({ ...self, bootId: "other" }), false);
  assert.equal(isAlive({ ...self, pid: 0 }), false);
  assert.equal(identify(2 ** 30), undefined);
});

test("a zombie is dead", async () => {
  // It ends when its parent is a program that never asks for its status: a shell might.
  const ending = `while read -r name < /proc/$PPID/comm && test "$name" != sleep; do :; done`;
  const child = spawnProcess("sh", ["-c", `sh -c '${ending}' & echo $!; exec sleep 30`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const line = await new Promise<string>((resolve) =>
      child.stdout?.once("data", (data) => resolve(String(data))),
    );
    const pid = Number(line);
    await waitUntil("a zombie", async () =>
      readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z "),
    );
    assert.equal(identify(pid), undefined);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a process name with spaces and parentheses does not disturb its stat line", () => {
  const rest = Array.from({ length: 18 }, (_, i) => i).join(" ");
  assert.deepEqual(parseProcessStat(`7 (a ) R (b) S ${rest} 4711 0`), {
    state: "S",
    startTime: 4711,
  });
  assert.equal(parseProcessStat(""), undefined);
  assert.equal(parseProcessStat("7 (a) S 1 2"), undefined);
});

test("readings of the clock within one process only grow", () => {
  const now = createClock();
  const readings = Array.from({ length: 1000 }, () => now());
  for (let i = 1; i < readings.length; i++)
    assert.ok((readings[i] ?? 0n) > (readings[i - 1] ?? 0n));
});

test("the own program is started through its entry point in the source tree", () => {
  const { command, args } = selfCommand(["internal", "x"]);
  assert.equal(command, process.execPath);
  assert.match(args.join(" "), /bin\/crish\.ts internal x$/);
});
