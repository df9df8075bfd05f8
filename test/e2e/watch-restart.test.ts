import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { startBackgroundProcess } from "../support/background-process.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type ContainerdCliTarget, containerdCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { openTerminal, type Terminal } from "../support/terminal.ts";
import { waitUntil } from "../support/wait-until.ts";

const LOST = /^lost "unix:.*" at \d\d:\d\d:\d\d: this .*$/m;

describe("what goes on until Ctrl-C, when containerd is restarted", () => {
  const cleanup = cleanupAfter();
  let target: ContainerdCliTarget;
  let terminal: Terminal;
  before(async () => {
    target = await containerdCli(cleanup);
    await target.runDetached("stays", ["sleep", "100000"]);
    terminal = await openTerminal(cleanup, target.env);
    cleanup.add("let containerd go on", async () => target.containerd.resume());
  });

  for (const [line, shown] of [
    ["ps --watch --interval 200ms", /^CONTAINER.*\n.* stays /m],
    ["stats --watch --seconds 200ms", /^CONTAINER.*\n.* stays /m],
    ["top -d 200ms", /by cpu.*\n\n.*\n.* stays /m],
  ] as const) {
    it(`${line} keeps its screen, says so below it, and goes on`, async () => {
      await terminal.enter(`crish ${line}; echo "ended with $?"`);
      await terminal.waitForScreen(shown);
      await target.containerd.stop();
      await terminal.waitForScreen(LOST);
      assert.match(await terminal.screen(), shown);
      await target.containerd.start();
      await terminal.waitForScreen(new RegExp(`${shown.source}(?![^]*lost)`, "m"));
      await terminal.press("C-c");
      await terminal.waitFor(/^ended with 0$/m);
      await terminal.clear();
    });
  }

  for (const line of ["ps --watch", "top"]) {
    it(`${line} of a runtime that is lost ends with 0 at Ctrl-C, at once`, async () => {
      await terminal.enter(`crish ${line}; echo "ended with $?"`);
      await terminal.waitForScreen(/ stays /);
      await target.containerd.stop();
      await terminal.waitForScreen(LOST);
      await terminal.press("C-c");
      await terminal.waitFor(/^ended with 0$/m);
      await target.containerd.start();
      await terminal.clear();
    });
  }

  it("top of a runtime that hangs ends with 0 at q", async () => {
    await terminal.enter('crish top -d 200ms; echo "ended with $?"');
    await terminal.waitForScreen(/ stays /);
    await target.containerd.pause();
    await terminal.press("q");
    await terminal.waitFor(/^ended with 0$/m);
    target.containerd.resume();
  });

  it("ps --watch on a pipe tells changes alone, and the loss on stderr", async () => {
    const { command, args } = crishCommand();
    const words = [...args, "ps", "--watch", "-o", 'jsonpath={.metadata.name}{"\\n"}'];
    const env = crishEnvironment(target.env);
    const watch = startBackgroundProcess(cleanup, command, words, { env });
    await waitUntil("the first look", () => /^stays$/m.test(watch.output()));
    await target.containerd.stop();
    await waitUntil("the loss", () => /^lost "unix:/m.test(watch.output()));
    await target.containerd.start();
    await waitUntil("the return", () => /is back after \d+ s$/m.test(watch.output()));
    await target.runDetached("new", ["sleep", "100000"]);
    await waitUntil("what is new", () => /^new$/m.test(watch.output()));
    watch.child.kill("SIGINT");
    assert.equal(await watch.ended, 0);
    assert.equal(watch.output().match(/^stays$/gm)?.length, 1, watch.output());
  });
});
