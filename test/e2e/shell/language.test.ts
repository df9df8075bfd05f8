import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** Takes the keys of the terminal one by one, as an editor does, and says what they were. */
const EDITOR = `#!/bin/sh
modes=$(stty -g)
stty raw -echo
printf 'editor of %s\\r\\n' "$1"
while :; do
  key=$(dd bs=1 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
  printf 'key %s\\r\\n' "$key"
  [ "$key" = 113 ] && break
done
stty "$modes"
exit 5
`;

describe("the language of the shell, on a terminal", () => {
  const cleanup = cleanupAfter();
  let target: CliTarget;
  let shell: OpenShell;
  let directory: string;
  let id: string;
  let terminal: OpenShell["terminal"];

  before(async () => {
    target = await embeddedCli(cleanup);
    id = await target.runDetached("talks", ["sh", "-c", "seq 1 300; sleep 100000"]);
    directory = await temporaryDirectory(cleanup, "language");
    await mkdir(join(directory, "crish"));
    const aliases = ["aliases:", "  names: ps -o json | jq -r '.containers[].metadata.name'"];
    await writeFile(join(directory, "crish", "config.yaml"), `${aliases.join("\n")}\n`);
    await writeFile(join(directory, "editor"), EDITOR, { mode: 0o755 });
    shell = await openShell(cleanup, {
      ...target,
      env: { ...target.env, XDG_CONFIG_HOME: directory, D: directory, LESS: "" },
    });
    terminal = shell.terminal;
  });

  it("pipes into programs, without colour, and keeps the line together", async () => {
    await shell.run("ps -o json | jq -r '.containers[0].metadata.name'", /^talks$/);
    await shell.run("ps | od -c | grep -c 033", /^0$/, { status: 1 });
    await shell.run("ps -q | wc -l && echo counted", /^1\ncounted$/);
    await shell.run("inspect nosuch | cat", /nosuch/, { status: 4 });
  });

  it("has aliases from the configuration, and lets the line change them", async () => {
    await shell.run("names", /^talks$/);
    await shell.run("alias n = names | tr a-z A-Z; n", /^TALKS$/);
  });

  it("keeps what a command prints in a variable, for verbs and for programs", async () => {
    await shell.run("set id = ps -q --name talks", /talks$/);
    await shell.run("inspect -o json $id | jq -r .status.metadata.name", /^talks$/);
    await shell.run("!echo of the shell: $id", new RegExp(`^of the shell: ${id}$`));
    await shell.run("echo $nosuch", /the variable "nosuch" is not set/, { status: 2 });
  });

  it("acts on nothing where a variable is empty, whatever is in use", async () => {
    const inUse = { context: "default/talks/talks" };
    await shell.run(
      "use talks/talks; set none ''; set gone = ps -q --name nosuch",
      /nosuch$/,
      inUse,
    );
    await shell.run("rm -f $none", /no object is named: a variable is empty|rm needs/, {
      ...inUse,
      status: 2,
    });
    await shell.run("stop $gone $none", /no object is named: a variable is empty|stop needs/, {
      ...inUse,
      status: 2,
    });
    await shell.run("ps -q --name talks", new RegExp(`^${id}$`), inUse);
    await shell.run("..; ..; echo out", /^out$/);
  });

  it("writes files, and says which it cannot write", async () => {
    await shell.run("ps -q > $D/ids; ps -q >> $D/ids", /ids$/);
    assert.equal(await readFile(join(directory, "ids"), "utf8"), `${id}\n${id}\n`);
    await shell.run("ps > $D/no/such", /cannot open ".*\/no\/such": no such file/, { status: 1 });
    await shell.run("exec -i talks wc -l < $D/ids", /^2$/);
    await shell.run("ps &", /"&" has no meaning here\nhint: .*background/, { status: 2 });
  });

  it("gives the terminal to a pager behind a pipe, whose Ctrl-C is its own", async () => {
    await terminal.clear();
    await terminal.enter("logs talks | less");
    await terminal.waitFor(/^25\n[\s\S]*:$/m);
    await terminal.press("C-c");
    await terminal.press("C-c");
    // What is typed while less deals with an interrupt is lost to it.
    const toEnd = async () => {
      await terminal.press("G");
      return /^300\n\(END\)$/m.test(await terminal.transcript());
    };
    await waitUntil("less is at the end", toEnd, { intervalMs: 300 });
    await terminal.press("q");
    await shell.prompt();
    await shell.run("echo echoed", /^echoed$/);
  });

  it("gives the terminal to !command with all its keys, and passes its status on", async () => {
    await terminal.clear();
    await terminal.enter("!$D/editor file");
    await terminal.waitFor(/^editor of file$/m);
    await terminal.press("a");
    await terminal.press("C-c");
    await terminal.press("C-z");
    await terminal.waitFor(/^key 97\nkey 3\nkey 26$/m);
    await terminal.press("q");
    await shell.prompt({ status: 5 });
  });

  it("sets the terminal right after a program that died in raw mode", async () => {
    await shell.run("!(stty raw -echo; kill -9 $$)", /./, { status: 137 });
    await shell.run("!stty -a | grep -ow -e -icanon -e -echo; true", /true/);
    assert.doesNotMatch(await terminal.transcript(), /^-(icanon|echo)$/m);
  });

  it("ends the whole line at Ctrl-C in !command, and stays", async () => {
    await terminal.clear();
    await terminal.enter("!sh -c 'echo waiting; exec sleep 1000'; echo not-run");
    await terminal.waitFor(/^waiting$/m);
    await terminal.press("C-c");
    await shell.prompt({ status: 130 });
    assert.doesNotMatch(await terminal.transcript(), /^not-run$/m);
  });

  it("stops with its program at Ctrl-Z, and goes on with it", async () => {
    await terminal.clear();
    await terminal.enter("!sh -c 'echo stoppable; sleep 1000'");
    await terminal.waitFor(/^stoppable$/m);
    await terminal.press("C-z");
    await terminal.waitFor(/Stopped[\s\S]*\n\$$/);
    await terminal.enter("fg");
    await terminal.waitFor(/\$ fg\n.*crish/);
    await terminal.press("C-c");
    await shell.prompt({ status: 130 });
    await shell.run("echo well", /^well$/);
  });

  it("watches a command on a screen of its own, and leaves the screen as it was", async () => {
    const path = join(directory, "watched");
    await writeFile(path, "first\n");
    await shell.run("echo before", /^before$/);
    await terminal.enter("watch 200ms '!cat $D/watched'");
    await terminal.waitFor(/^every 200ms: .*\n\nfirst$/m);
    await writeFile(path, "second\n");
    await terminal.waitFor(/^second$/m);
    assert.doesNotMatch(await terminal.transcript(), /first/);
    await rm(path);
    await terminal.waitFor(/\[1\]\n\n.*No such file/);
    await writeFile(path, Array.from({ length: 60 }, (_, at) => `row ${at}`).join("\n"));
    await terminal.waitFor(/row 27$/);
    await terminal.resize(80, 12);
    await terminal.waitFor(/row 9$/);
    await terminal.resize(100, 30);
    await terminal.waitFor(/row 27$/);
    await terminal.press("C-c");
    await shell.prompt();
    assert.match(await terminal.transcript(), /^before$/m);
    assert.doesNotMatch(await terminal.transcript(), /row 9/);
  });

  it("watches verbs, and repeats what they print on a pipe", async () => {
    await terminal.clear();
    await terminal.enter("watch -n 1 ps -q");
    await terminal.waitFor(new RegExp(`^every 1: ps -q .*\\n\\n${id}$`, "m"));
    await terminal.press("C-c");
    await shell.prompt();
    await shell.run("watch 100ms ps -q | head -5", new RegExp(`^${id}\\n\\n${id}\\n\\n${id}$`));
  });

  for (const [command, last] of [
    ["watch 1h ps", "POD"],
    ["ps --watch --interval 1h", "POD"],
    ["top --interval 1h", "PIDS"],
  ] as const) {
    it(`lays ${command} out anew when the width changes`, async () => {
      await terminal.clear();
      await terminal.enter(command);
      await terminal.waitForScreen(/talks/);
      await terminal.resize(55, 12);
      await terminal.waitForScreen(new RegExp(` ${last}$`, "m"));
      await terminal.resize(100, 30);
      await terminal.waitForScreen(/ (NAMESPACE|WRITE\/S +PIDS)$/m);
      await terminal.press("C-c");
      await shell.prompt();
    });
  }

  it("shows what it watches in the width that the terminal got while it was stopped", async () => {
    await terminal.clear();
    await terminal.enter("watch 1h ps");
    await terminal.waitForScreen(/talks/);
    await terminal.press("C-z");
    await terminal.waitForScreen(/Stopped/);
    await terminal.resize(55, 12);
    await terminal.enter("fg");
    await terminal.waitForScreen(/ POD$/m);
    await terminal.press("C-c");
    await terminal.resize(100, 30);
    await shell.prompt();
  });

  it("tells the time a command takes, and passes its status on", async () => {
    await shell.run("time inspect nosuch 2> $D/time", /time$/, { status: 4 });
    assert.match(await readFile(join(directory, "time"), "utf8"), /^real \d+\.\d{3}s$/m);
    await shell.run("time ps -q", /^real \d+\.\d{3}s$/);
  });

  it("lists its history, which a pipe can search", async () => {
    await shell.run("history | grep 'talks | less'", /^logs talks \| less$/);
  });

  it("goes on in the next line where a line is not complete", async () => {
    await terminal.clear();
    await terminal.enter("echo one &&");
    await terminal.enter("echo two |");
    await terminal.enter("tr a-z A-Z");
    await terminal.waitFor(/^one\nTWO$/m);
    await shell.prompt();
  });

  it("reads a script into the shell", async () => {
    const path = join(directory, "vars.crish");
    await writeFile(path, "set from script\nalias hi = echo hi\nnosuch\nset never set\n");
    await shell.run("source $D/vars.crish", /vars\.crish:3: unknown command "nosuch"/, {
      status: 2,
    });
    await shell.run("hi $from", /^hi script$/);
  });

  it("explains itself", async () => {
    await shell.run("help set", /set NAME = COMMAND/);
    await shell.run("help shell | cat", /the rest is sh's, as typed/);
    await shell.run("ls", /unknown command "ls"\nhint: !ls runs the program/, { status: 2 });
  });

  it("leaves watch's screen at Ctrl-Z and comes back to it", async () => {
    await shell.run("echo above", /^above$/);
    await terminal.enter("watch 200ms echo alive");
    await terminal.waitFor(/^alive$/m);
    await terminal.press("C-z");
    await terminal.waitFor(/^above\n[\s\S]*Stopped[\s\S]*\n\$$/m);
    await terminal.enter("fg");
    await terminal.waitFor(/^every 200ms.*\n\nalive$/m);
    await terminal.press("C-c");
    await shell.prompt();
  });

  it("leaves the terminal as it was when it is ended under a watch or a pager", async () => {
    for (const line of ["watch 200ms echo alive", "logs talks | less"]) {
      await terminal.clear();
      await terminal.enter("!sh -c 'echo pid $PPID.'");
      await terminal.waitFor(/^pid \d+\.$/m);
      const pid = Number(/^pid (\d+)\.$/m.exec(await terminal.transcript())?.[1]);
      await terminal.enter(line);
      await terminal.waitFor(/^(alive|25)$/m);
      process.kill(pid, "SIGTERM");
      await terminal.waitFor(/\n\$$/);
      await terminal.enter("stty -a | grep -ow -e -icanon -e -echo; echo plain");
      await terminal.waitFor(/^plain$/m);
      assert.doesNotMatch(await terminal.transcript(), /^-(icanon|echo)$/m);
      await terminal.enter("crish");
      await shell.prompt();
    }
  });

  it("leaves with its status, and tells a broken configuration in one line", async () => {
    await terminal.enter("exit 3");
    await terminal.waitFor(/\n\$$/);
    await writeFile(join(directory, "crish", "config.yaml"), "alias: {}\n");
    await terminal.clear();
    await terminal.enter("crish");
    await shell.prompt();
    assert.match(
      await terminal.transcript(),
      /^crish: \S+config\.yaml:1:1: unknown key "alias"\nhint: did you mean aliases\?$/m,
    );
    await terminal.enter("exit");
  });
});
