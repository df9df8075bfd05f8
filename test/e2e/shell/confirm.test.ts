import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell, shellEnvironment } from "../../support/open-shell.ts";
import { openTerminal } from "../../support/terminal.ts";

describeConfirmation("embedded", embeddedCli);
describeConfirmation("containerd", containerdCli);

function describeConfirmation(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`before several go, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let shell: OpenShell;
    const left = async () => (await target.out(["ps", "-aq"])).split("\n").filter(Boolean).length;

    before(async () => {
      target = await open(cleanup);
      for (const each of ["one", "two", "three"]) await target.runDetached(each, ["sleep", "9999"]);
      shell = await openShell(cleanup, target);
    });

    it("--dry-run tells in lines for programs, and does nothing", async () => {
      const { status, stdout } = await target.crish(["rm", "-f", "--dry-run", "one", "nothing"]);
      assert.equal(status, 4);
      assert.match(stdout, /^container\t[0-9a-f]{64}\tdefault\/one\/one\n$/);
      assert.equal(await left(), 3);
    });

    it("a no leaves everything, with status 1", async () => {
      await shell.terminal.clear();
      await shell.terminal.enter("rm -f one two");
      await shell.terminal.waitFor(
        /default\/one\/one[\s\S]*default\/two\/two[\s\S]*Remove these 2 containers\?/,
      );
      await shell.terminal.enter("n");
      await shell.prompt({ status: 1 });
      await shell.terminal.waitFor(/nothing was done/);
      assert.equal(await left(), 3);
    });

    it("Ctrl-C and Ctrl-D at the question leave everything, with status 130", async () => {
      // Keys that come at once may be read as one, Alt with Ctrl-C.
      for (const keys of [["C-c"], ["Escape", "C-c"], ["C-d"]]) {
        await shell.terminal.clear();
        await shell.terminal.enter("rm -fa");
        await shell.terminal.waitFor(/Remove these 3 containers\?/);
        await shell.terminal.press(...keys);
        await shell.prompt({ status: 130 });
        assert.equal(await left(), 3);
      }
    });

    it("a yes removes them; -y does not ask; one is never asked about", async () => {
      await shell.run("rm -f three", /^three$/);
      await shell.terminal.clear();
      await shell.terminal.enter("stop -t 0 one two");
      await shell.terminal.waitFor(/Stop these 2 containers\?/);
      await shell.terminal.enter("y");
      await shell.terminal.waitFor(/^one\ntwo\n.*>$/m);
      await shell.run("rm -y one two", /^one\ntwo$/);
      assert.equal(await left(), 0);
    });

    it("asks in a plain line on a dumb terminal", async () => {
      await target.runDetached("six", ["sleep", "9999"]);
      await target.runDetached("seven", ["sleep", "9999"]);
      const dumb = await openTerminal(cleanup, { ...shellEnvironment(target), TERM: "dumb" });
      for (const [answer, status, remain] of [
        ["n", 1, 2],
        ["", 1, 2],
        ["y", 0, 0],
      ] as const) {
        await dumb.enter(`crish rm -f six seven; echo "status of ${answer}: $?"`);
        await dumb.waitFor(/Remove these 2 containers\? \(y\/N\)$/);
        await dumb.enter(answer);
        await dumb.waitFor(new RegExp(`^status of ${answer}: ${status}$`, "m"));
        assert.equal(await left(), remain);
      }
    });

    it("scripts are never asked", async () => {
      await target.runDetached("four", ["sleep", "9999"]);
      await target.runDetached("five", ["sleep", "9999"]);
      await target.out(["rm", "-f", "-a"]);
      assert.equal(await left(), 0);
    });
  });
}
