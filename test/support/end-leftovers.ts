/**
 * Loaded before each file of tests: a file whose tests are over and which still does not end, as a
 * process that a failed test has started is there, fails and ends with what it started. Without it
 * the run would wait for it for ever, since the limits of tests do not hold for what comes after them.
 */
import { readFileSync, writeSync } from "node:fs";
import { after } from "node:test";
import { signalTree } from "../../src/host/signal-tree.ts";

const PATIENCE_MS = 30_000;

after(() => {
  setTimeout(() => {
    const resources = [...new Set(process.getActiveResourcesInfo())].join(", ");
    say(`the tests are over, and their process does not end: ${resources}`);
    for (const pid of children()) {
      say(`  it has started ${commandOf(pid)}`);
      signalTree(pid, "SIGKILL");
    }
    process.exit(1);
  }, PATIENCE_MS).unref();
});

function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

function say(line: string): void {
  writeSync(2, `${line}\n`);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return `process ${pid}`;
  }
}
