import { StatusError } from "../../errors/status-error.ts";
import type { Builtin } from "./builtin.ts";

export const exit: Builtin = {
  spec: {
    name: "exit",
    aliases: ["quit"],
    summary: "leave the shell or the script",
    description: "Without a status, the last command's is meant. Ctrl-D leaves as well.",
    examples: [
      { line: "exit", meaning: "leave with the status of the last command" },
      { line: "exit 3", meaning: "leave with status 3" },
    ],
    args: [{ name: "status", meaning: "from 0 to 255", required: false }],
    flags: [],
    group: "shell",
  },
  async run(shell, input) {
    const text = input.args.status;
    const status = text === undefined ? shell.status : parseStatus(String(text));
    shell.leaving = true;
    return status;
  },
};

function parseStatus(text: string): number {
  const status = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (status <= 255) return status;
  throw new StatusError("InvalidArgument", `exit takes a status from 0 to 255, not "${text}"`);
}
