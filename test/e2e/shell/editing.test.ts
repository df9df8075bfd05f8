import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, beforeEach, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell, shellEnvironment } from "../../support/open-shell.ts";
import { openTerminal, type Terminal } from "../../support/terminal.ts";

const LONG = "!echo 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 end";

/** A pattern in which ESC stands for the character. */
const withCodes = (pattern: string) => new RegExp(pattern.replaceAll("ESC", "\x1b"));

describe("editing in the shell", () => {
  const cleanup = cleanupAfter();
  let target: CliTarget;
  let shell: OpenShell;
  let terminal: Terminal;
  /** The line behind the prompt, at the end of the screen. */
  const line = (text: string) => terminal.waitForScreen(new RegExp(`> ${text}$`));
  before(async () => {
    target = await embeddedCli(cleanup);
    shell = await openShell(cleanup, target);
    terminal = shell.terminal;
  });

  beforeEach(async () => {
    await terminal.press("C-c");
    // It resets the terminal as well: only the next prompt asks for bracketed pastes again.
    await terminal.clear();
    await terminal.press("C-c", "C-l");
    await terminal.waitForScreen(/^crish embedded.*>$/);
  });

  it("moves, kills, yanks and undoes as Emacs and readline do", async () => {
    await terminal.type("!echo one two");
    await terminal.press("M-b", "C-k", "C-a", "C-f");
    await terminal.press("M-f", "C-e");
    await terminal.type("three ");
    await terminal.press("C-y");
    await line("!echo one three two");
    await terminal.press("C-_", "M-BSpace", "C-w", "C-y", "Home", "C-Right", "Delete");
    await line("!echoone three?");
    await terminal.press("End", "C-u");
    await terminal.waitForScreen(/>$/);
  });

  it("edits graphemes and wide characters where they stand", async () => {
    await terminal.type("!echo 日本語 é x");
    await terminal.press("Left", "Left", "Left", "BSpace", "BSpace");
    await line("!echo 日本é x");
    await terminal.press("Enter");
    await terminal.waitFor(/^日本é x$/m);
  });

  it("holds a paste of several lines until Enter, and then runs it as one input", async () => {
    await terminal.paste("!echo first\n!echo second\n");
    await terminal.type("!echo third");
    await terminal.waitForScreen(/> !echo first\n> !echo second\n> !echo third$/);
    assert.doesNotMatch(await terminal.screen(), /^first$/m);
    await terminal.press("Up", "End", "BSpace", "BSpace");
    await terminal.waitForScreen(/> !echo first\n> !echo seco\n> !echo third$/);
    await terminal.press("Enter");
    await terminal.waitFor(/^first\nseco\nthird$/m);
    await terminal.press("Up");
    await terminal.waitForScreen(/> !echo first\n> !echo seco\n> !echo third$/);
  });

  it("makes control characters of a paste harmless", async () => {
    await terminal.paste("!echo a\x1b[2J\x07\x03b");
    await line("!echo a\\[2Jb");
  });

  it("begins another line at Alt-Enter, and inside of what is not complete", async () => {
    await terminal.type("!echo a");
    await terminal.press("M-Enter");
    await terminal.type("exec nothing 'b");
    await terminal.press("Enter");
    await terminal.type("c");
    await terminal.waitForScreen(/> !echo a\n> exec nothing 'b\n> c$/);
  });

  it("walks through the history that begins with what was typed", async () => {
    await shell.run("!echo walk-1", /^walk-1$/);
    await shell.run("ps -q", /-q/);
    await shell.run("!echo walk-2", /^walk-2$/);
    await terminal.type("!echo w");
    await terminal.press("Up", "Up");
    await line("!echo walk-1");
    await terminal.press("Down", "Down");
    await line("!echo walk-2");
  });

  it("searches history at Ctrl-R, goes on at the next, and runs at Enter", async () => {
    await terminal.press("C-r");
    await terminal.type("walk");
    await terminal.waitForScreen(/\(reverse-i-search\)`walk': !echo walk-2$/);
    await terminal.press("C-r");
    await terminal.waitForScreen(/\(reverse-i-search\)`walk': !echo walk-1$/);
    await terminal.press("C-g");
    await terminal.waitForScreen(/^crish embedded>$/);
    await terminal.press("C-r");
    await terminal.type("alk-1");
    await terminal.press("Enter");
    await terminal.waitFor(/> !echo walk-1\nwalk-1\n/);
    await terminal.press("C-r");
    await terminal.type("no such line");
    await terminal.waitForScreen(/\(failed reverse-i-search\)/);
    await terminal.press("C-g");
  });

  it("suggests the newest such line dim, and takes it over at Right", async () => {
    await terminal.type("!echo walk-");
    await terminal.waitForScreen(withCodes("walk-ESC\\[2m1|walk-ESC\\[0;2m1"), { colors: true });
    await terminal.press("Right");
    await terminal.type("x");
    await line("!echo walk-1x");
  });

  it("colours the line as it is typed: a command it does not know is red", async () => {
    await terminal.type("ps");
    await terminal.waitForScreen(withCodes("ESC\\[32mps"), { colors: true });
    await terminal.type("s");
    await terminal.waitForScreen(withCodes("ESC\\[31mpss"), { colors: true });
  });

  it("offers candidates below the line, one after the other", async () => {
    await terminal.type("inspect");
    await terminal.press("Tab");
    await terminal.waitForScreen(/> inspect\ninspectp .*\ninspect .*\ninspecti /);
    await terminal.press("Tab", "Tab");
    await terminal.waitForScreen(/> inspect\n/);
    await terminal.press("BTab");
    await terminal.waitForScreen(/> inspectp\n/);
    await terminal.press("C-g");
    await terminal.waitForScreen(/> inspect$/);
  });

  it("follows the terminal's width without leaving garbage", async () => {
    await terminal.type("!seq 40");
    await terminal.press("Enter");
    await terminal.waitForScreen(/40\ncrish embedded>$/);
    await terminal.type(LONG);
    await line(LONG);
    await terminal.resize(40, 30);
    await terminal.waitForScreen(
      /40\ncrish embedded> !echo 0123456789 0123456\n789 [0-9 ]{36}\n3456789 end$/,
    );
    await terminal.press("Home");
    await terminal.type("x");
    await terminal.waitForScreen(/> x!echo/);
    await terminal.resize(70, 30);
    await terminal.waitForScreen(/40\ncrish embedded> x!echo [0-9 ]{47}\n[0-9 ]+ end$/);
    await terminal.resize(100, 30);
    await terminal.waitForScreen(new RegExp(`40\ncrish embedded> x${LONG}$`));
    await terminal.press("Home", "Delete", "Enter");
    await terminal.waitForScreen(/^[0-9 ]+ end\ncrish embedded>$/m);
    const transcript = await terminal.transcript();
    assert.equal(transcript.match(/echo/g)?.length, 1, transcript);
  });

  it("keeps nothing of what it erases at the top of the screen", async () => {
    await terminal.type(LONG);
    await line(LONG);
    await terminal.clear();
    await terminal.press("C-l");
    await terminal.waitForScreen(new RegExp(`^crish embedded> ${LONG}$`));
    await terminal.resize(120, 30);
    await terminal.waitForScreen(new RegExp(`^crish embedded> ${LONG}$`));
    await terminal.press("Home");
    await terminal.type("x");
    await terminal.waitForScreen(/> x!echo/);
    const transcript = await terminal.transcript();
    assert.equal(transcript.match(/echo/g)?.length, 1, transcript);
    await terminal.resize(100, 30);
  });

  it("shows a long line at the very edge of the screen", async () => {
    const rest = 100 - "crish embedded> !echo ".length;
    await terminal.type(`!echo ${"x".repeat(rest)}`);
    await terminal.waitForScreen(/x$/);
    await terminal.type("y");
    await terminal.waitForScreen(/^crish embedded> !echo x+\ny$/);
    await terminal.press("BSpace", "BSpace");
    await terminal.type("z");
    await terminal.waitForScreen(/^crish embedded> !echo x+z$/);
    await terminal.press("Enter");
    await terminal.waitForScreen(/> !echo x+z\nx+z\ncrish embedded>$/);
  });

  it("stops at Ctrl-Z with the terminal as it was, and goes on where it was", async () => {
    await terminal.type("!echo before");
    await terminal.press("C-z");
    await terminal.waitFor(/Stopped/);
    await terminal.resize(90, 30);
    await terminal.enter("stty -a | grep -ow -e -icanon -e -echo; echo plain");
    await terminal.waitFor(/^plain$/m);
    assert.doesNotMatch(await terminal.transcript(), /^-(icanon|echo)$/m);
    await terminal.enter("fg");
    await line("!echo before");
    await terminal.type(" and after");
    await terminal.press("Enter");
    await terminal.waitFor(/^before and after$/m);
    await terminal.resize(100, 30);
  });

  it("shares its lines with another session at once, and keeps secrets from both", async () => {
    const env = shellEnvironment(target);
    const other = await openTerminal(cleanup, env);
    await other.enter("crish");
    await other.waitFor(/crish embedded>$/);
    await shell.run("!echo shared-line", /^shared-line$/);
    await shell.run("!echo --password hunter2", /hunter2$/);
    await other.press("Up");
    await other.waitForScreen(/> !echo shared-line$/);
    await other.press("C-c");
    await other.enter("!echo from-other");
    await other.waitFor(/^from-other$/m);
    await terminal.press("C-r");
    await terminal.type("from-o");
    await terminal.waitForScreen(/': !echo from-other$/);
    await terminal.press("C-g");
  });

  it("ends at SIGTERM with the terminal as it was", async () => {
    const other = await openTerminal(cleanup, shellEnvironment(target));
    await other.enter("clear; echo pid $$; crish");
    await other.waitFor(/crish embedded>$/);
    await other.type("half a li");
    await other.waitFor(/half a li$/);
    const bash = /^pid (\d+)$/m.exec(await other.transcript())?.[1];
    const children = await readFile(`/proc/${bash}/task/${bash}/children`, "utf8");
    process.kill(Number(children.trim()), "SIGTERM");
    await other.waitFor(/half a li\n+\$$/);
    await other.enter("stty -a | grep -ow -e -icanon -e -echo; echo plain");
    await other.waitFor(/^plain$/m);
    assert.doesNotMatch(await other.transcript(), /^-(icanon|echo)$/m);
  });

  it("does nothing at Ctrl-Z where no shell could continue it", async () => {
    const other = await openTerminal(cleanup, shellEnvironment(target));
    await other.enter("set +m; crish");
    await other.waitFor(/crish embedded>$/);
    await other.type("!echo still");
    await other.press("C-z");
    await other.type(" here");
    await other.press("Enter");
    await other.waitFor(/> !echo still here\nstill here\n/);
    assert.doesNotMatch(await other.transcript(), /Stopped/);
  });

  it("works on a terminal that can redraw nothing, as the terminal itself edits lines", async () => {
    const other = await openTerminal(cleanup, { ...shellEnvironment(target), TERM: "dumb" });
    await other.enter("crish");
    await other.waitFor(/crish embedded>$/);
    await other.enter("!echo 'a");
    await other.waitFor(/^>$/m);
    await other.enter("b'");
    await other.waitFor(/^a\nb\ncrish embedded>$/m);
    await other.type("half a li");
    await other.press("C-c");
    await other.waitFor(/half a li\^C\ncrish embedded>$/);
    await other.enter("!sh -c 'echo sleeps; exec sleep 1000'");
    await other.waitFor(/^sleeps$/m);
    await other.press("C-c");
    await other.waitFor(/^\^C\ncrish embedded \[130\]>$/m);
    await other.enter("apply -");
    await other.waitFor(/^Kubernetes manifests as JSON or YAML, ended by Ctrl-D:$/m);
    await other.press("C-d");
    await other.waitFor(/there is no Pod in what was given\ncrish embedded \[2\]>$/);
    await other.type("ps -q\nversion --client\n");
    await other.waitFor(/> crish version [^\n]*\ncrish embedded>$/);
    await other.press("C-d");
    await other.waitFor(/\n\$$/);
  });

  it("writes no colour where NO_COLOR asks for none, and suggests nothing then", async () => {
    const other = await openTerminal(cleanup, { ...shellEnvironment(target), NO_COLOR: "1" });
    await other.enter("clear; crish");
    await other.waitFor(/crish embedded>$/);
    await other.type("!echo walk-");
    await other.waitForScreen(/> !echo walk-$/, { colors: true });
    await other.press("C-u");
    await other.type("pss");
    await other.waitForScreen(/> pss$/, { colors: true });
  });
});
