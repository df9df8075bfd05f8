import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli } from "../../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../../support/crish.ts";
import { run } from "../../support/run.ts";

const ESCAPE = "\u001b[";

describe("crish on a terminal", () => {
  const cleanup = cleanupAfter();
  let target: CliTarget;
  let scripts = 0;
  before(async () => {
    target = await containerdCli(cleanup);
  });

  /** Types the dialogue, pairs of what is awaited and what is sent; returns all that was shown. */
  async function converse(
    args: readonly string[],
    dialogue: readonly (readonly [string, string])[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ shown: string; status: number }> {
    const { command, args: before } = crishCommand();
    const words = [command, ...before, ...args].map((word) => `{${word}}`).join(" ");
    const lines = [
      "set timeout 20",
      "set stty_init {rows 24 columns 120}",
      `spawn -noecho ${words}`,
      ...dialogue.flatMap(([awaited, sent]) => [`expect -ex {${awaited}}`, `send -- "${sent}"`]),
      "expect eof",
      "catch wait result",
      "exit [lindex $result 3]",
    ];
    scripts++;
    const file = join(target.directory, `dialogue-${scripts}.exp`);
    await writeFile(file, lines.join("\n"));
    const terminal = { TERM: "xterm", ...target.env, ...env };
    const { stdout, status } = await run("expect", [file], { env: crishEnvironment(terminal) });
    return { shown: stdout, status };
  }

  it("colours headings, unless NO_COLOR, --color or a dumb terminal says otherwise", async () => {
    assert.ok((await converse(["pods"], [])).shown.includes(`${ESCAPE}1mPOD ID`));
    for (const [args, env] of [
      [["pods"], { NO_COLOR: "1" }],
      [["pods"], { TERM: "dumb" }],
      [["--color", "never", "pods"], {}],
    ] as const) {
      assert.ok(!(await converse(args, [], env)).shown.includes(ESCAPE), args.join(" "));
    }
    assert.ok((await target.out(["--color", "always", "pods"])).includes(ESCAPE));
  });

  it("top sorts by keys, and leaves the screen as it was at q and at Ctrl-C", async () => {
    for (const end of ["q", "\\x03"]) {
      const { shown, status } = await converse(
        ["top", "-d", "200ms"],
        [
          ["by cpu", "m"],
          ["by memory", end],
        ],
      );
      assert.equal(status, 0);
      assert.ok(shown.includes(`${ESCAPE}?1049h`));
      assert.ok(shown.trimEnd().endsWith(`${ESCAPE}?1049l`), JSON.stringify(shown.slice(-40)));
    }
  });

  it("removes one tag of several without a question: containerd can", async () => {
    const other = "localhost/busybox:other";
    await target.out(["tag", target.image, other]);
    const { status, shown } = await converse(["rmi", other], []);
    assert.equal(status, 0);
    assert.match(shown, /Deleted: localhost\/busybox:other/);
    const { status: left } = JSON.parse(await target.out(["inspecti", target.image]));
    assert.deepEqual(left.repoTags, [target.image]);
  });

  it("does not show a password that it asks for, and refuses to ask without a terminal", async () => {
    const args = ["pull", "-u", "me", "127.0.0.1:1/x"];
    const { shown, status } = await converse(args, [["Password:", "hidden-word\\r"]]);
    assert.equal(status, 1);
    assert.ok(!shown.includes("hidden-word"), shown);
    const piped = await target.crish(args, { input: "hidden-word\n" });
    assert.equal(piped.status, 1);
    assert.match(piped.stderr, /cannot ask for a password without a terminal/);
  });

  it("ends a watch with 0 on Ctrl-C", async () => {
    const { status, shown } = await converse(["stats", "--watch"], [["CONTAINER", "\\003"]]);
    assert.equal(status, 0);
    assert.ok(shown.includes(`${ESCAPE}2J`));
  });
});
