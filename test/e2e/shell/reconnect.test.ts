import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type ContainerdCliTarget, containerdCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";

describe("a shell whose containerd goes away", () => {
  const cleanup = cleanupAfter();
  let target: ContainerdCliTarget;
  let shell: OpenShell;
  let id: string;
  const gone = { name: "containerd (gone)" };

  before(async () => {
    target = await containerdCli(cleanup);
    id = await target.runDetached("stays", ["sleep", "100000"]);
    shell = await openShell(cleanup, target);
  });

  it("says it once, shows it in the prompt, and goes on", async () => {
    await shell.run("ps -q", new RegExp(id));
    await shell.terminal.enter("!sh -c 'echo sleeps; exec sleep 1000'");
    await shell.terminal.waitFor(/^sleeps$/m);
    await shell.terminal.press("C-c");
    await shell.prompt({ status: 130 });
    await target.containerd.stop();
    await shell.run("ps -q", /ps -q\ncontainerd went away: .*/, { ...gone, status: 3 });
    assert.doesNotMatch(await shell.terminal.transcript(), /crish:|hint:|\n\n/);
    await shell.run("ps -q", /ps -q\ncrish: containerd does not answer yet/, {
      ...gone,
      status: 3,
    });
    assert.doesNotMatch(await shell.terminal.transcript(), /went away|hint:/);
    const lines = /^(crish: containerd does not answer yet\n){2}/;
    await shell.run("pods -q; use stays", lines, { ...gone, status: 3 });
    await shell.run("connect unix:///nowhere.sock", /cannot connect to "unix:\/\/\/nowhere/, {
      ...gone,
      status: 3,
    });
    await shell.run("echo still here", /^still here$/, gone);
  });

  it("completion stays quiet meanwhile", async () => {
    await shell.terminal.clear();
    await shell.terminal.type("logs sta");
    await shell.terminal.press("Tab");
    await shell.terminal.type("X");
    await shell.terminal.waitFor(/^logs sta\S* ?X$/m);
    await shell.terminal.press("C-c");
    assert.doesNotMatch(await shell.terminal.transcript(), /error|went away|refused/);
    await shell.prompt(gone);
  });

  it("connects to the daemon that came back on a socket of its own", async () => {
    await target.containerd.start();
    await shell.run("ps -q", new RegExp(`${id}\\ncontainerd is back`));
    await shell.run("ps -q", new RegExp(`^${id}$`));
  });

  it("a watch that reaches it again leaves a prompt that knows", async () => {
    await target.containerd.stop();
    await shell.run("ps -q", /went away/, { ...gone, status: 3 });
    await shell.terminal.enter("watch 100ms ps -q");
    await shell.terminal.waitFor(/^every .* \[3\]$/m);
    await target.containerd.start();
    await shell.terminal.waitFor(new RegExp(`^every [^\\n]*\\n\\n${id}$`, "m"));
    await shell.terminal.press("C-c");
    await shell.terminal.waitFor(/^containerd is back$/m);
    await shell.prompt();
  });

  it("a restart that nobody noticed costs nothing", async () => {
    await target.containerd.restart();
    await shell.run("ps -q", new RegExp(`^${id}$`));
  });

  it("a daemon that hangs freezes nothing: Ctrl-C ends the command", async () => {
    await target.containerd.pause();
    await shell.terminal.clear();
    await shell.terminal.enter("echo asks; ps -q");
    await shell.terminal.waitFor(/^asks$/m);
    await shell.terminal.press("C-c");
    await shell.prompt({ ...gone, status: 130 });
    await shell.terminal.waitFor(/containerd does not answer/);
    await shell.terminal.clear();
    await shell.terminal.type("logs sta");
    await shell.terminal.press("Tab");
    await shell.terminal.waitFor(/^logs sta/m);
    await shell.terminal.press("C-c");
    target.containerd.resume();
    await shell.run("ps -q", /containerd is back/);
  });

  it("keeps the context over a restart, for its objects are still there", async () => {
    const context = "default/stays/stays";
    await shell.run("use stays/stays", /use/, { context });
    await target.containerd.stop();
    await shell.run("logs", /went away/, { ...gone, context, status: 3 });
    await target.containerd.start();
    await shell.run("inspect -o table", /is back/, { context });
  });

  it("leaves at once while the daemon hangs", async () => {
    await target.containerd.pause();
    await shell.terminal.clear();
    await shell.terminal.enter("echo asks; exec stays sleep 1");
    await shell.terminal.waitFor(/^asks$/m);
    await shell.terminal.press("C-c");
    await shell.prompt({ ...gone, context: "default/stays/stays", status: 130 });
    await shell.terminal.press("C-d");
    await shell.terminal.waitFor(/\$$/);
    target.containerd.resume();
  });
});
