import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { createShell } from "../../../../src/repl/create-shell.ts";
import { parseProgram } from "../../../../src/repl/language/parse-program.ts";
import { memorySession } from "../../../support/memory-session.ts";
import { fakeBackend } from "../../../support/scripted-backend.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const VARIABLES = { x: "a  b", e: "", n: "l1\nl2\n", s: " lead", d: "$x" };
const PIECES = [
  ...["a", " ", "  ", "$x", "$e", "$n", "$s", "$d", "$1", "$2", "$#", "$@", "'", '"', "\\"],
  ...["'$x'", '"$x"', '"$e"', '"$n"', '"$@"', "''", '""', `\${x}`, `\${e:-no}`, "~", "#", "$", "*"],
  ...["{", "}", "[", "=", "-", ",", "é", "\t", '"a $x', '\\"', "\\$"],
];

/** Each splits some words wrongly, behind "$@" the one and behind quoted newlines the other. */
const SHELLS = ["/bin/sh", "bash"];

/** What a command is given, as each of the shells has it. */
function wordsOfSh(text: string): readonly string[] {
  const assignments = Object.entries(VARIABLES).map(([name, value]) => `${name}='${value}'`);
  const script = `set -fu; ${assignments.join("; ")}\nprintf '<%s>' x ${text}\n`;
  const args = ["-c", script, "sh", "one", "two  words"];
  const env = { HOME: "/home/me", PATH: process.env.PATH };
  return SHELLS.map((shell) => spawnSync(shell, args, { encoding: "utf8", env }).stdout);
}

async function wordsOfCrish(text: string): Promise<string> {
  const { session, out } = memorySession(fakeBackend({}), { env: { HOME: "/home/me" } });
  const shell = createShell({ session, parameters: ["sh", "one", "two  words"] });
  const spec = {
    ...{ name: "words", summary: "", examples: [], args: [], flags: [] },
    ...{ stopAfterArgs: 0, group: "shell" as const },
  };
  const run = async (_: unknown, input: { rest: readonly string[] }, own: typeof session) => {
    await own.stdout.write(input.rest.map((word) => `<${word}>`).join(""));
    return 0;
  };
  const words = { name: "words", aliases: [], load: async () => ({ spec, run }) };
  Object.assign(shell, { builtins: [words] });
  for (const [name, value] of Object.entries(VARIABLES)) shell.variables.set(name, value);
  await shell.runLine(`words x ${text}`, session);
  return out();
}

describe("words", () => {
  it("are what sh makes of the same text, without patterns", async () => {
    const random = seededRandom(41);
    let compared = 0;
    while (compared < 250) {
      const size = 1 + Math.floor(random() * 7);
      const text = Array.from(
        { length: size },
        () => PIECES[Math.floor(random() * PIECES.length)],
      ).join("");
      // What crish refuses or waits for is another test's matter.
      if (parseProgram(`words x ${text}`).kind !== "program") continue;
      compared++;
      const words = await wordsOfCrish(text);
      const expected = wordsOfSh(text);
      assert.ok(expected.includes(words), JSON.stringify({ text, words, expected }));
    }
  });
});
