import type { Command, CommandInput, FlagSpec } from "../command.ts";
import { COMMAND_TABLE, type CommandEntry } from "../command-table.ts";
import type { Context, OutputStream } from "../context.ts";

/**
 * The commands with crictl's defaults where crish has its own: what they accept is the same but for
 * the letter -e of exec.
 */
export const CRICTL_TABLE: readonly CommandEntry[] = COMMAND_TABLE.map((entry) => ({
  ...entry,
  load: async () => asInCrictl(await entry.load()),
}));

function asInCrictl(command: Command): Command {
  const unasked = command.spec.destroys === undefined ? command : withFlags(command, { yes: true });
  switch (command.spec.name) {
    case "stop":
      return withFlags(unasked, { timeout: 0 });
    case "exec":
      return inOneStream(withLetters(unasked));
    case "rmi":
      return withoutImageStore(unasked);
    case "completion":
      return withOutput(unasked, (text) => text.replaceAll("crish", "crictl"));
    default:
      return unasked;
  }
}

/** Values of flags that were not given. */
function withFlags(command: Command, values: CommandInput["flags"]): Command {
  const defaults = new Map(Object.entries(values));
  const flags = command.spec.flags.map((flag): FlagSpec => {
    const value = defaults.get(flag.name);
    return value === undefined ? flag : { ...flag, default: value };
  });
  return {
    ...command,
    spec: { ...command.spec, flags },
    run: (context, input) =>
      command.run(context, { ...input, flags: { ...values, ...given(input.flags) } }),
  };
}

function given(flags: CommandInput["flags"]): CommandInput["flags"] {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

/** -e is --ignore-errors there, and a variable is set by --env alone. */
function withLetters(command: Command): Command {
  const flags = command.spec.flags.map((flag): FlagSpec => {
    if (flag.name === "ignore-errors") return { ...flag, short: "e" };
    if (flag.short !== "e") return flag;
    const { short: _, ...rest } = flag;
    return rest;
  });
  return { ...command, spec: { ...command.spec, flags } };
}

/** `exec --sync` writes what a program says on stderr to stdout. */
function inOneStream(command: Command): Command {
  return {
    ...command,
    run: (context, input) => {
      const isSync = input.flags.sync === true;
      return command.run(isSync ? { ...context, stderr: context.stdout } : context, input);
    },
  };
}

/** A tag takes the whole image along, whatever the runtime could do. */
function withoutImageStore(command: Command): Command {
  return {
    ...command,
    run: (context, input) => {
      const backend: Context["backend"] = async () =>
        Object.create(await context.backend(), { imageStore: { value: async () => undefined } });
      return command.run({ ...context, backend }, input);
    },
  };
}

function withOutput(command: Command, change: (text: string) => string): Command {
  return {
    ...command,
    run: (context, input) => {
      const write: OutputStream["write"] = (chunk) =>
        context.stdout.write(typeof chunk === "string" ? change(chunk) : chunk);
      const stdout: OutputStream = Object.create(context.stdout, { write: { value: write } });
      return command.run({ ...context, stdout }, input);
    },
  };
}
