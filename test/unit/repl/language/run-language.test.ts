import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { before, describe, it } from "node:test";
import { createShell } from "../../../../src/repl/create-shell.ts";
import { runScript } from "../../../../src/repl/run-script.ts";
import type { Shell } from "../../../../src/repl/shell.ts";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { memoryInput, memoryOutput, memorySession } from "../../../support/memory-session.ts";
import { fakeBackend } from "../../../support/scripted-backend.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

const ENV = { PATH: process.env.PATH, HOME: "/home/me", CRI_CONFIG_FILE: "/dev/null" };

function openShell(cwd = "/"): { shell: Shell; run(line: string): Promise<Ran> } {
  const out: string[] = [];
  const err: string[] = [];
  const { session } = memorySession(fakeBackend({}), {
    env: ENV,
    cwd,
    stdout: memoryOutput(out),
    stderr: memoryOutput(err),
  });
  const shell = createShell({ session, parameters: ["shell", "one", "two words"] });
  return {
    shell,
    async run(line) {
      out.length = 0;
      err.length = 0;
      const { status } = await shell.runLine(line, session);
      return { status, out: out.join(""), err: err.join("") };
    },
  };
}

async function script(text: string, args: readonly string[] = [], keepGoing = false): Promise<Ran> {
  const stdin = memoryInput({ stream: () => Readable.from([Buffer.from(text)]) });
  const { session, out, err } = memorySession(fakeBackend({}), { env: ENV, stdin });
  const status = await runScript(session, { file: undefined, args, keepGoing });
  return { status, out: out(), err: err() };
}

describe("history with an argument", () => {
  it("is the command of that name, and without one the shell's own lines", async () => {
    const { run } = openShell();
    assert.deepEqual(await run("history"), { status: 0, out: "", err: "" });
    const { status, err } = await run("history --nope");
    assert.equal(status, 2);
    assert.match(err, /unknown flag "--nope"/);
    assert.equal((await run("history busybox")).status === 0, false);
  });
});

/** A line, and what it prints. */
const EXPANSIONS: readonly (readonly [string, string])[] = [
  ["echo a  b 'c  d' \"e  f\" g\\ \\ h", "a b c  d e  f g  h"],
  ["echo '$x' \\$x \"\\$x\"", "$x $x $x"],
  ['set x "a  b"; echo $x "$x" \'$x\'', "a b a  b $x"],
  [`set x a; echo \${x}b $x-c pre$x`, "ab a-c prea"],
  ["echo $HOME ~ ~/x a~ '~' \"~\" \\~", "/home/me /home/me /home/me/x a~ ~ ~ ~"],
  ["set HOME here; echo $HOME", "here"],
  [`echo \${nope:-a b}c "\${nope:-a b}"`, "a bc a b"],
  [`set e ''; echo [$e] "[$e]" \${e:-none}`, "[] [] none"],
  ["false; echo $? $?", "1 1"],
  ["echo $0 $1 $2 $#", "shell one two words 2"],
  ['set n = echo "$@"; echo $n', "one two words"],
  ["echo $(echo a; echo b)", "a b"],
  ['echo "$(echo a; echo b)"', "a\nb"],
  ['echo "$(echo "$(echo deep)")"', "deep"],
  ["set x = echo a; set x = echo $x b; echo $x", "a b"],
  ["set x = echo a | tr a b; echo $x", "b"],
  ["set x = !printf 'p\\nq\\n\\n'; echo \"$x\"", "p\nq"],
  ["set x=1; set y = echo =; echo $x $y", "1 ="],
  ["echo $ $. a$ 10$ '$'", "$ $. a$ 10$ $"],
  ["echo * ? [a] {b,c} !x", "* ? [a] {b,c} !x"],
  ["echo a#b # c", "a#b"],
  ["crish echo pasted", "pasted"],
  ["set x v; echo z | sed s/z/$x/", "v"],
  ["echo z | sed s/z/$1/", "one"],
  ["alias e = echo al; e x 'y  z'", "al x y  z"],
  ["alias echo = echo twice; echo x", "twice x"],
  ["alias u = echo a | tr a-z A-Z; u b", "tr"],
  ["alias a = b; alias b = echo end; a x", "end x"],
  ["alias e = echo; \\e x || echo no", "no"],
  ["true && echo yes || echo no", "yes"],
  ["false && echo yes || echo no", "no"],
  ["!exit 3; echo $?", "3"],
  ["echo x | exit 4; echo $?", "4"],
  ["false | cat; echo $?", "1"],
  ["true | cat; echo $?", "0"],
  ["echo a | cat | tr a b; echo c", "b\nc"],
  ["echo a | while read x; do echo got $x; done; echo c", "got a\nc"],
  ["!kill -9 $$; echo $?", "137"],
  ["set x = false; echo $?", "1"],
  ["unset x; echo a", "a"],
  ["exit 3 | cat; echo $?", "3"],
  ["echo a$(exit 3)b", "ab"],
  ["set n = !printf 'a\\0b'; !echo $n", "ab"],
];

describe("the language of the shell", () => {
  const cleanup = cleanupAfter();
  let directory: string;

  before(async () => {
    directory = await temporaryDirectory(cleanup, "language");
  });

  for (const [line, expected] of EXPANSIONS) {
    it(`makes of ${line}`, async () => {
      const { out, err } = await openShell().run(line);
      if (line.startsWith("alias u")) assert.match(err, /tr:/);
      else if (expected !== "no" || !line.includes("\\e")) {
        assert.deepEqual({ out, err }, { out: `${expected}\n`, err: "" });
      } else assert.equal(out, "no\n");
    });
  }

  it("gives a command one argument for each line of a value, and none for an empty one", async () => {
    const { shell, run } = openShell();
    const seen: (readonly string[])[] = [];
    const entry = {
      name: "args",
      aliases: [],
      load: async () => ({
        spec: {
          ...{ name: "args", summary: "", examples: [], args: [], flags: [] },
          ...{ stopAfterArgs: 0, group: "shell" as const },
        },
        run: async (_: Shell, input: { rest: readonly string[] }) => {
          seen.push(input.rest);
          return 0;
        },
      }),
    };
    Object.assign(shell, { builtins: [...shell.builtins, entry] });
    await run("set ids = !printf 'a\\nb c\\n'");
    await run('args $ids "$ids" x$ids ""');
    await run("set e ''");
    await run('args $e "$e" $e$e a"$e"');
    await run('args "$@" $@ x"$@"y');
    assert.deepEqual(seen, [
      ["a", "b", "c", "a\nb c", "xa", "b", "c", ""],
      ["", "a"],
      ["one", "two words", "one", "two", "words", "xone", "two wordsy"],
    ]);
  });

  it('keeps an empty word without parameters too, and drops an empty "$@"', async () => {
    const { shell, run } = openShell();
    shell.parameters = ["shell"];
    await run("set none ''; set count = !printf '%s' \"$#\"");
    assert.equal(shell.variables.get("none"), "");
    assert.equal((await run("echo a \"$@\" b '' c")).out, "a b  c\n");
  });

  it("refuses a variable that is not set, and runs nothing", async () => {
    const { run } = openShell();
    const { status, out, err } = await run("echo a$nope");
    assert.deepEqual({ status, out }, { status: 2, out: "" });
    assert.match(err, /^crish: the variable "nope" is not set\nhint: set nope VALUE/);
    assert.match((await run("echo $7")).err, /there is no argument \$7/);
  });

  it("unsets a variable whose command fails: nothing old is acted upon", async () => {
    const { run } = openShell();
    await run("set id old");
    assert.equal((await run("set id = false")).status, 1);
    assert.match((await run("echo $id")).err, /"id" is not set/);
  });

  it("gives a setting its own values alone, and keeps the one that it had", async () => {
    const { shell, run } = openShell();
    await run("set events off");
    for (const line of ["set events xyz", "set events=", "set events = echo maybe"]) {
      const { status, err } = await run(line);
      assert.equal(status, 2, line);
      assert.match(err, /events is one of on, off, not "/);
    }
    assert.equal(shell.variables.get("events"), "off");
    assert.equal((await run("set events = echo on")).status, 0);
    assert.equal(shell.variables.get("events"), "on");
  });

  it("lists variables and aliases so that they can be typed again", async () => {
    const { run } = openShell();
    await run("set b 'x  y'; set a 1; alias w = ps -o json | jq .");
    assert.equal((await run("set")).out, "set a 1\nset b 'x  y'\n");
    assert.equal((await run("alias")).out, "alias w = 'ps -o json | jq .'\n");
    assert.equal((await run("unalias w; alias")).out, "");
    assert.match((await run("unalias w")).err, /there is no alias "w"/);
  });

  it("says what was probably meant by an unknown command", async () => {
    const { run } = openShell();
    const hints: readonly (readonly [string, RegExp])[] = [
      ["pss", /did you mean ps\?/],
      ["hstory", /did you mean history\?/],
      ["id=5", /set id 5/],
      ["for x in a", /\/bin\/sh has that/],
      ["ls -l", /!ls runs the program/],
    ];
    for (const [line, hint] of hints) {
      const { status, err } = await run(line);
      assert.equal(status, 2);
      assert.match(err, hint);
    }
  });

  it("refuses aliases that lead back to themselves", async () => {
    const { run } = openShell();
    await run("alias a = b; alias b = a");
    const { status, err } = await run("a");
    assert.equal(status, 2);
    assert.match(err, /^crish: the alias "a" leads back to itself/);
    assert.match((await run("alias t = time t; t")).err, /the alias "t" leads back to itself/);
  });

  it("writes, appends, joins and reads files", async () => {
    const { run } = openShell(directory);
    const content = (name: string) => readFile(join(directory, name), "utf8");
    await run("echo one > a; echo two >> a; > b");
    assert.equal(await content("a"), "one\ntwo\n");
    assert.equal(await content("b"), "");
    await run("nosuch 2> err");
    assert.match(await content("err"), /^crish: unknown command "nosuch"/);
    await run("nosuch > all 2>&1");
    assert.match(await content("all"), /nosuch/);
    await run("nosuch &> all2; nosuch &>> all2");
    assert.equal((await content("all2")).match(/unknown command/g)?.length, 2);
    await run("set f 'with blank'; echo x > \"$f\"");
    assert.equal(await content("with blank"), "x\n");
    const { out, err } = await run("nosuch 2>&1 | wc -l");
    assert.deepEqual([Number(out), err], [2, ""]);
  });

  it("opens files before the command runs, and says in one line which cannot be used", async () => {
    const { run } = openShell(directory);
    await writeFile(join(directory, "file"), "");
    const refused: readonly (readonly [string, RegExp])[] = [
      ["echo a > no/such", /^crish: cannot open "no\/such": no such file\n$/],
      ["echo a > .", /^crish: cannot open "\.": it is a directory\n$/],
      ["echo a > new/", /^crish: cannot open "new\/": it is a directory\n$/],
      ["echo a >> new/", /^crish: cannot open "new\/": it is a directory\n$/],
      ["echo a > new/.", /^crish: cannot open "new\/\.": no such file\n$/],
      ["echo a < file/", /^crish: cannot open "file\/": part of the path is not a directory\n$/],
      ["echo a < nope", /^crish: cannot open "nope": no such file\n$/],
      ["echo a < .", /^crish: cannot open "\.": it is a directory\n$/],
      ["echo a > file/x", /^crish: cannot open "file\/x": part of the path is not a directory\n$/],
      ["echo a > $e", /^crish: a redirection takes one file\nhint: /],
    ];
    await run("set e 'a b'");
    for (const [line, message] of refused) {
      const { status, out, err } = await run(line);
      assert.deepEqual({ ok: status === 0, out }, { ok: false, out: "" }, line);
      assert.match(err, message);
    }
    const full = await run("echo a > /dev/full");
    assert.deepEqual(full, {
      status: 1,
      out: "",
      err: 'crish: cannot write to "/dev/full": no space left on the device\n',
    });
  });

  it("tells a command nothing of the terminal when its output goes elsewhere", async () => {
    const { shell } = openShell(directory);
    const chunks: string[] = [];
    const terminal = memoryOutput(chunks, { isTty: true, color: true, canRedraw: true });
    const session = { ...shell.session, stdout: terminal };
    await shell.runLine("clear > cleared; clear | cat; clear", session);
    assert.equal(await readFile(join(directory, "cleared"), "utf8"), "");
    assert.deepEqual(chunks, ["\x1b[H\x1b[2J\x1b[3J"]);
  });

  it("says on a line of its own how long a command took", async () => {
    const { shell, run } = openShell();
    assert.match((await run("time echo a")).err, /^real 0\.\d{3}s\n$/);
    const chunks: string[] = [];
    const terminal = memoryOutput(chunks, { isTty: true, canRedraw: true, columns: () => 40 });
    await shell.runLine("time echo a", { ...shell.session, stderr: terminal });
    assert.match(chunks.join(""), /^ {40}\rreal 0\.\d{3}s\n$/);
  });

  it("passes 4 MiB through a pipe whole, and ends quietly where the reader ends first", async () => {
    const { shell, run } = openShell();
    // Too big for an environment: sh must start all the same.
    shell.variables.set("big", "x".repeat(1 << 20));
    const line = "x".repeat(1 << 22);
    shell.parameters = ["shell"];
    const { out } = await run(`echo ${line} | wc -c`);
    assert.equal(Number(out), (1 << 22) + 1);
    const head = await run(`echo ${line} | head -c 3`);
    assert.deepEqual(head, { status: 0, out: "xxx", err: "" });
  });

  it("reads scripts with arguments, and names line and column of mistakes", async () => {
    assert.deepEqual(await script("echo $1 $#\necho \\\n  $2\n", ["a", "b c"]), {
      ...{ status: 0, out: "a 2\nb c\n", err: "" },
    });
    const broken = await script("echo a\n\necho b; ; echo c\n");
    assert.equal(broken.out, "a\n");
    assert.deepEqual([broken.status, broken.err], [2, 'stdin:3:9: nothing stands before ";"\n']);
    const open = await script("echo a\necho 'b\n\n");
    assert.deepEqual([open.status, open.err], [2, "stdin:2:6: the quote ' is not closed\n"]);
    const unknown = await script("echo a\r\nnosuch\r\necho b\r\n");
    assert.deepEqual([unknown.status, unknown.out], [2, "a\n"]);
    assert.match(unknown.err, /^stdin:2: unknown command "nosuch"\nhint: .*\n$/);
    const silent = await script("true\n\n!exit 7\necho b");
    assert.deepEqual(silent, { status: 7, out: "", err: "stdin:3: ended with status 7\n" });
    const kept = await script("!exit 7\n!exit 8\necho b", [], true);
    assert.deepEqual(kept, { status: 7, out: "b\n", err: "" });
    assert.deepEqual(await script("echo a; exit 5; echo b\necho c"), {
      ...{ status: 5, out: "a\n", err: "" },
    });
  });

  it("ends scripts where sh -e ends them, with its status and output", () => compareWithSh(400));
});

/** Programs of `true`, `false` and `echo` in lists, under `set -e` and `set +e`. */
async function compareWithSh(count: number): Promise<void> {
  const random = seededRandom(20_260);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const command = () =>
    pick(["true", "false", "true", "echo $?", "set +e", "set -e", "true | false"]);
  for (let index = 0; index < count; index++) {
    const lists = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
      const size = 1 + Math.floor(random() * 4);
      const parts = Array.from(
        { length: size },
        (_, at) => (at === 0 ? "" : pick([" && ", " || "])) + command(),
      );
      return parts.join("");
    });
    const text = lists.map((list) => list + pick(["; ", "\n"])).join("");
    const expected = spawnSync("/bin/sh", ["-e", "-c", text], { encoding: "utf8" });
    const { status, out } = await script(text);
    assert.deepEqual(
      { text, status, out },
      { text, status: expected.status, out: expected.stdout },
    );
  }
}
