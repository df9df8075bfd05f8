import type { Session } from "../../cli/context.ts";
import { isAliasName } from "../../config/alias-name.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import { quoteWord } from "../language/quote-word.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

export const alias: Builtin = {
  spec: {
    name: "alias",
    summary: "give a command line a name of its own",
    description: [
      "alias NAME = COMMAND keeps the line as it is typed, up to the next ; && or ||; quote it to",
      "keep those too. Arguments of the alias are appended. Within its own line a name means the",
      "command. Without arguments the aliases are listed. Lasting ones stand under aliases: in",
      "~/.config/crish/config.yaml; scripts do not read that file.",
    ].join("\n"),
    examples: [
      { line: "alias web = ps --label app=web", meaning: "web -q is ps --label app=web -q" },
      { line: "alias n = ps -q | wc -l", meaning: "a pipeline" },
    ],
    args: [],
    flags: [],
    stopAfterArgs: 0,
    group: "shell",
  },
  async run(shell, { rest }, session) {
    const [first, ...others] = rest;
    if (first === undefined) return await listAliases([...shell.aliases.keys()], shell, session);
    const joined = /^([^=]+)=(.*)$/s.exec(first);
    if (joined === null && others.length === 0) return await listAliases([first], shell, session);
    const name = joined?.[1] ?? first;
    if (!isAliasName(name)) {
      throw new StatusError("InvalidArgument", `"${name}" is no name for an alias`);
    }
    const words = joined === null ? others.slice(others[0] === "=" ? 1 : 0) : [joined[2] ?? ""];
    if (words.length === 0 || (joined !== null && others.length > 0)) {
      throw new StatusError("InvalidArgument", `alias ${name} needs one command line`, {
        hint: `alias ${name} = COMMAND`,
      });
    }
    shell.aliases.set(name, words.length === 1 ? (words[0] ?? "") : words.map(quoteWord).join(" "));
    return EXIT.success;
  },
};

async function listAliases(
  names: readonly string[],
  shell: Shell,
  session: Session,
): Promise<number> {
  for (const name of [...names].sort()) {
    const text = shell.aliases.get(name);
    if (text === undefined) throw new StatusError("NotFound", `there is no alias "${name}"`);
    await session.stdout.write(`alias ${name} = ${quoteWord(text)}\n`);
  }
  return EXIT.success;
}
