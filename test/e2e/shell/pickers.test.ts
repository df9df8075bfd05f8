import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell, shellEnvironment } from "../../support/open-shell.ts";
import { openTerminal } from "../../support/terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

describePickers("embedded", embeddedCli);
describePickers("containerd", containerdCli);

function describePickers(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`pickers, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let shell: OpenShell;
    const ids: Record<string, string> = {};

    before(async () => {
      target = await open(cleanup);
      for (const each of ["apple", "banana", "cherry"]) {
        ids[each] = await target.runDetached(each, ["sh", "-c", `echo of-${each}; sleep 100000`]);
      }
      for (const each of ["apple", "banana"]) {
        await waitUntil("it has spoken", async () => await target.out(["logs", each]));
      }
      await target.out(["stop", "-t", "0", "cherry"]);
      shell = await openShell(cleanup, target);
    });

    it("a verb without its object asks, with state, pod and short ID of each", async () => {
      await shell.terminal.clear();
      await shell.terminal.enter("logs");
      await shell.terminal.waitFor(/logs: which container\?/);
      for (const [each, state] of [
        ["apple", "running"],
        ["cherry", "exited"],
      ] as const) {
        const id = ids[each]?.slice(0, 13);
        await shell.terminal.waitFor(new RegExp(`${each} +${state} +default/${each} +${id}$`, "m"));
      }
      await shell.terminal.type("ban run");
      await shell.terminal.waitFor(/which container\? ban run$/m);
      await shell.terminal.press("Enter");
      await shell.terminal.waitFor(/^of-banana\n.*>$/m);
    });

    it("offers only what the verb can act on, and takes several", async () => {
      await shell.terminal.clear();
      await shell.terminal.enter("stop --dry-run");
      await shell.terminal.waitFor(/stop: which containers\?[\s\S]*\[ \] apple/);
      await shell.terminal.type("cher");
      await shell.terminal.waitFor(/nothing matches/);
      await shell.terminal.press("BSpace", "BSpace", "BSpace", "BSpace");
      await shell.terminal.waitFor(/\[ \] apple/);
      await shell.terminal.press("Tab", "Down", "Tab");
      await shell.terminal.waitFor(/\[x\] banana[\s\S]*\[x\] apple/);
      await shell.terminal.press("Enter");
      await shell.terminal.waitFor(
        new RegExp(`^container\\s+${ids.banana}\\s[\\s\\S]*^container\\s+${ids.apple}\\s`, "m"),
      );
      await shell.prompt();
    });

    it("a mark survives a search for something else", async () => {
      await shell.terminal.clear();
      await shell.terminal.enter("rm --dry-run -f");
      await shell.terminal.waitFor(/\[ \] cherry/);
      await shell.terminal.type("cher");
      await shell.terminal.waitFor(/\? cher$/m);
      await shell.terminal.press("Tab");
      await shell.terminal.waitFor(/\[x\] cherry/);
      await shell.terminal.press("C-u");
      await shell.terminal.type("appl");
      await shell.terminal.waitFor(/\[ \] apple/);
      await shell.terminal.press("Tab");
      await shell.terminal.waitFor(/\[x\] apple/);
      await shell.terminal.press("Enter");
      await shell.terminal.waitFor(new RegExp(`^container\\s+${ids.cherry}\\s`, "m"));
      await shell.terminal.waitFor(new RegExp(`^container\\s+${ids.apple}\\s`, "m"));
      await shell.prompt();
    });

    // Keys that come at once may be read as one, with Alt.
    for (const keys of [["Escape"], ["C-c"], ["C-d"], ["Escape", "C-c"], ["Escape", "Enter"]]) {
      it(`${keys.join(" ")} cancels with 130 and does nothing`, async () => {
        await shell.terminal.clear();
        await shell.terminal.enter("rmp -f");
        await shell.terminal.waitFor(/rmp: which pods\?[\s\S]*apple/);
        await shell.terminal.press(...keys);
        await shell.prompt({ status: 130 });
        await shell.run("pods -q", /[0-9a-f]{64}\n[0-9a-f]{64}\n[0-9a-f]{64}\n/);
      });
    }

    it("fits a small terminal, and moves through all of the list there", async () => {
      await shell.terminal.resize(40, 6);
      await shell.terminal.clear();
      await shell.terminal.enter("logs");
      await shell.terminal.waitFor(/logs: which container\?\n> cherry.*…\n {2}banana.*…\n/);
      await shell.terminal.press("Down", "Down");
      await shell.terminal.waitFor(/\n> apple.*…\n/);
      await shell.terminal.press("Enter");
      await shell.terminal.waitFor(/^of-apple$/m);
      await shell.terminal.resize(100, 30);
      await shell.prompt();
    });

    it("shows question, choices and keys on a terminal that wraps them", async () => {
      await shell.terminal.resize(20, 7);
      await shell.terminal.clear();
      await shell.terminal.press("C-l");
      await shell.terminal.enter("logs");
      await shell.terminal.waitForScreen(/^\? logs: which contai\nner\?\n> cherry.*\n {2}banana/m);
      await shell.terminal.press("Down", "Down");
      await shell.terminal.waitForScreen(/^\? logs: which contai\nner\?\n {2}banana.*\n> apple/m);
      await shell.terminal.press("Escape");
      await shell.terminal.resize(100, 30);
      await shell.prompt({ status: 130 });
      await shell.run("echo well", /^well$/);
    });

    it("follows the width of the terminal while it is open", async () => {
      await shell.terminal.clear();
      await shell.terminal.press("C-l");
      await shell.terminal.enter("logs");
      await shell.terminal.waitForScreen(/logs: which container\?\n> cherry/);
      await shell.terminal.resize(40, 30);
      const narrow =
        /\? logs: which container\?\n> cherry.*…\n {2}banana.*…\n {2}apple.*…\n.*Enter\ntakes, .*$/;
      await shell.terminal.waitForScreen(narrow);
      await shell.terminal.resize(100, 30);
      const wide = /\? logs: .*\n> cherry .*[0-9a-f]\n {2}banana .*\n {2}apple .*\n.*Esc cancels$/;
      await shell.terminal.waitForScreen(wide);
      await shell.terminal.press("Escape");
      await shell.prompt({ status: 130 });
      await shell.run("echo well", /^well$/);
    });

    it("an empty list is an error that says what is missing", async () => {
      await shell.run("start", /there is no container that is created to start/, { status: 1 });
    });

    it("use offers pods and containers", async () => {
      await shell.terminal.clear();
      await shell.terminal.enter("use");
      await shell.terminal.waitFor(/use: which one\?/);
      await shell.terminal.type("container apple");
      await shell.terminal.waitFor(/> container {2}apple/);
      await shell.terminal.press("Enter");
      await shell.prompt({ context: "default/apple/apple" });
      await shell.terminal.enter("..; ..");
      await shell.prompt();
    });

    it("asks on the command line as well, and leaves the terminal as it was", async () => {
      const terminal = await openTerminal(cleanup, shellEnvironment(target));
      await terminal.enter("stty -g > $XDG_STATE_HOME/before; crish logs; echo status $?");
      await terminal.waitFor(/logs: which container\?[\s\S]*apple/);
      await terminal.type("apple");
      await terminal.press("Enter");
      await terminal.waitFor(/^of-apple\nstatus 0$/m);
      await terminal.clear();
      await terminal.enter(
        "crish logs; echo status $?; stty -g | diff - $XDG_STATE_HOME/before && echo same",
      );
      await terminal.waitFor(/logs: which container\?[\s\S]*apple/);
      await terminal.press("Escape");
      await terminal.waitFor(/^status 130\nsame$/m);
    });

    it("does not ask on a dumb terminal or in a pipe", async () => {
      const terminal = await openTerminal(cleanup, { ...shellEnvironment(target), TERM: "dumb" });
      await terminal.enter("crish logs; echo status $?");
      await terminal.waitFor(/logs needs CONTAINER[\s\S]*status 2$/m);
      await terminal.enter("crish logs < /dev/null; echo piped $?");
      await terminal.waitFor(/piped 2$/m);
    });
  });
}
