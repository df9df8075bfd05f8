import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../support/cleanup.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../support/cli-target.ts";
import { openTerminal, type Terminal } from "../support/terminal.ts";

describeShell("embedded", embeddedCli);
describeShell("containerd", containerdCli);

function describeShell(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`the shell, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let terminal: Terminal;
    let id: string;
    /** The prompt, after a status where there is one. */
    const prompt = (status = 0) =>
      new RegExp(status === 0 ? `crish ${name}>$` : `crish ${name} \\[${status}\\]>$`);

    before(async () => {
      target = await open(cleanup);
      id = await target.runDetached("replweb", ["sleep", "100000"]);
      const endpoint = name === "embedded" ? { CONTAINER_RUNTIME_ENDPOINT: "embedded:" } : {};
      terminal = await openTerminal(cleanup, {
        ...target.env,
        ...endpoint,
        XDG_STATE_HOME: target.directory,
      });
      await terminal.enter("crish");
      await terminal.waitFor(prompt());
    });

    it("names the backend in its prompt and runs commands", async () => {
      await terminal.enter("ps -q");
      await terminal.waitFor(new RegExp(`${id}\\n.*>$`));
    });

    it("completes commands, flags, values and names", async () => {
      await terminal.type("port");
      await terminal.press("Tab");
      await terminal.waitFor(/> port-forward$/);
      await terminal.press("C-c");
      await terminal.type("ps --sta");
      await terminal.press("Tab");
      await terminal.type("runn");
      await terminal.press("Tab");
      await terminal.waitFor(/> ps --state running$/);
      await terminal.press("C-c");
      await terminal.type("logs replw");
      await terminal.press("Tab");
      await terminal.waitFor(/> logs replweb$/);
      await terminal.press("C-c");
      await terminal.type(`inspect ${id.slice(0, 6)}`);
      await terminal.press("Tab");
      await terminal.waitFor(new RegExp(`> inspect ${id.slice(0, 13)}$`));
      await terminal.press("C-c");
      await terminal.waitFor(prompt());
    });

    it("ends the running command at Ctrl-C, and itself stays", async () => {
      await terminal.enter("exec replweb sh -c 'echo go; sleep 1000'");
      await terminal.waitFor(/^go$/m);
      await terminal.press("C-c");
      await terminal.waitFor(prompt(130));
    });

    it("drops the line at Ctrl-C", async () => {
      await terminal.type("half a line");
      await terminal.press("C-c");
      await terminal.waitFor(new RegExp(`half a line\\^C\\n${prompt(130).source}`));
    });

    it("keeps what was typed in one go behind a Ctrl-C", async () => {
      await terminal.clear();
      await terminal.type("no such li");
      await terminal.press("C-c", "p", "o", "d", "s", "Space", "-", "q", "Enter");
      await terminal.waitFor(/> pods -q\n[0-9a-f]{64}/);
    });

    it("gives the terminal to exec -it and takes it back", async () => {
      await terminal.clear();
      await terminal.enter("exec -it replweb sh");
      await terminal.waitFor(/\/ #$/);
      await terminal.enter("stty size");
      await terminal.waitFor(/^30 100$/m);
      await terminal.resize(90, 25);
      await terminal.enter("sleep 1; stty size");
      await terminal.waitFor(/^25 90$/m);
      await terminal.resize(100, 30);
      await terminal.enter("exit 7");
      await terminal.waitFor(prompt(7));
      await terminal.enter("version");
      await terminal.waitFor(/RuntimeApiVersion[\s\S]*>$/);
    });

    // containerd sets the size when the command runs already.
    if (name === "embedded")
      it("gives exec -it a terminal that has its size from the first moment", async () => {
        for (let round = 0; round < 10; round++) {
          await terminal.clear();
          await terminal.enter("exec -it replweb stty size");
          await terminal.waitFor(/stty size\n(?=.*\n.*>$)/);
          assert.match(await terminal.transcript(), /stty size\n30 100\ncrish embedded>$/);
        }
      });

    it("reads on after a command that read to the end of its stdin", async () => {
      await terminal.clear();
      await terminal.enter("exec -i replweb cat");
      // What the shell itself has read by then is for its next prompt.
      await terminal.waitForCookedMode();
      await terminal.enter("echoed");
      await terminal.waitFor(/^echoed\n+echoed$/m);
      await terminal.press("C-d");
      await terminal.waitFor(prompt());
      await terminal.enter("ps -q");
      await terminal.waitFor(new RegExp(`${id}\\n.*>$`));
    });

    it("runs all lines of a paste, one after the other", async () => {
      await terminal.clear();
      await terminal.type("exec replweb echo one\nexec replweb echo two\nexec replweb echo three");
      await terminal.press("Enter");
      await terminal.waitFor(/^one\n.*^two\n.*^three\n.*>$/ms);
    });

    it("goes on with the next line inside quotes and after a backslash", async () => {
      await terminal.clear();
      await terminal.enter("exec replweb echo 'a");
      await terminal.waitFor(/\n>$/);
      await terminal.enter("b' \\");
      await terminal.enter("c");
      await terminal.waitFor(/^a\nb c$/m);
    });

    it("shows help, and says what it does not know", async () => {
      await terminal.clear();
      await terminal.enter("help");
      await terminal.waitFor(/Ctrl-C ends the\s+running command/);
      await terminal.enter("pss");
      await terminal.waitFor(/unknown command "pss"\nhint: did you mean ps\?/);
      await terminal.waitFor(prompt(2));
    });

    it("leaves at Ctrl-D with the terminal as it was, and remembers its lines", async () => {
      await terminal.press("C-d");
      await terminal.waitFor(/\n\$$/);
      await terminal.enter("stty -a | grep -ow -e -icanon -e -echo; echo plain");
      await terminal.waitFor(/^plain$/m);
      assert.doesNotMatch(await terminal.transcript(), /^-(icanon|echo)$/m);
      const history = join(target.directory, "crish", "history");
      assert.match(await readFile(history, "utf8"), /^exec -it replweb sh$/m);
      assert.equal((await stat(history)).mode & 0o777, 0o600);
      await terminal.clear();
      await terminal.enter("crish repl");
      await terminal.waitFor(prompt());
      await terminal.press("Up");
      await terminal.waitFor(/> pss$/);
      await terminal.press("C-c");
      await terminal.enter("exit 3");
      await terminal.waitFor(/\n\$$/);
      await terminal.enter("echo left with $?");
      await terminal.waitFor(/^left with 3$/m);
    });

    it("runs a script up to its first failure, whose status is its own", async () => {
      const script = "# first\nps -q\nexec -i replweb cat\nexec replweb \\\n  sh -c 'exit 4'\nps\n";
      const { status, stdout, stderr } = await target.crish(["repl"], { input: script });
      assert.deepEqual({ status, stdout }, { status: 4, stdout: `${id}\n` });
      assert.match(stderr, /^stdin:4: ended with status 4$/m);
      const all = await target.crish(["repl", "--keep-going"], { input: script });
      assert.equal(all.status, 4);
      assert.match(all.stdout, /CONTAINER/);
    });
  });
}
