import { StatusError } from "../../errors/status-error.ts";
import { runSource } from "../language/run-source.ts";
import { readScript } from "../run-script.ts";
import type { Builtin } from "./builtin.ts";

/** Scripts that read scripts: as deep as anybody goes. */
const MAX_DEPTH = 32;

export const source: Builtin = {
  spec: {
    name: "source",
    summary: "run a script in this shell",
    description: [
      "Its variables and aliases stay. The first command of it that fails ends it, unless it says",
      "set +e. $1 and so on are the arguments behind FILE, where there are any.",
    ].join("\n"),
    examples: [{ line: "source ids.crish", meaning: "set variables from a file" }],
    args: [{ name: "file", meaning: "a script", required: true, completion: "file" }],
    flags: [],
    stopAfterArgs: 1,
    group: "shell",
  },
  async run(shell, { args, rest }, session) {
    const name = String(args.file);
    if (shell.sources.length >= MAX_DEPTH) {
      throw new StatusError("FailedPrecondition", `"${name}" is read by scripts too deeply nested`);
    }
    const text = await readScript(name, session.cwd);
    const { parameters, options } = shell;
    const { stopAtFailure } = options;
    shell.sources.push(name);
    options.stopAtFailure = true;
    if (rest.length > 0) shell.parameters = [name, ...rest];
    try {
      return (await runSource({ name, text }, { session, shell })).status;
    } finally {
      shell.sources.pop();
      options.stopAtFailure = stopAtFailure;
      shell.parameters = parameters;
    }
  },
};
