import {
  changeClientFile,
  clientFile,
  readClientFile,
  type SettingChange,
} from "../cli/client-config/client-file.ts";
import { effectiveSettings } from "../cli/client-config/effective-settings.ts";
import { effectiveList, fileList } from "../cli/client-config/list-settings.ts";
import { parseChanges, toChange, toSettingName } from "../cli/client-config/parse-changes.ts";
import type { Command, CommandInput, FlagSpec } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { onceListFlags } from "../cli/list-output/list-flags.ts";
import { printList } from "../cli/list-output/print-list.ts";
import { SETTING_KEYS } from "../config/setting-keys.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";

const KEYS = Object.keys(SETTING_KEYS);
/** One thing at a time. */
const QUESTIONS = ["get", "set", "list", "effective"];
const MEANINGS: Readonly<Record<string, Pick<FlagSpec, "meaning">>> = {
  output: { meaning: "format of --list and --effective" },
  columns: {
    meaning:
      "only these, in this order: key, value, with --effective also source, or TITLE:JSONPATH",
  },
};
/** Of --list and --effective. */
const LIST_FLAGS: readonly FlagSpec[] = onceListFlags(["key", "value", "source"]).map((flag) => ({
  ...flag,
  ...MEANINGS[flag.name],
  exclusive: ["get", "set"],
}));

/** Reads and changes crictl's configuration file. */
export const config: Command = {
  spec: {
    name: "config",
    summary: "show or change the client's configuration file",
    description: [
      "The file is crictl's own, /etc/crictl.yaml or what --config names. A change leaves everything",
      "else in it as it is: comments, order, quotes, blank lines. Only a change makes the file where",
      "it is absent, for its owner alone. --list tells what the file says, --effective what holds now",
      "for a command with these flags, and why.",
    ].join("\n"),
    examples: [
      {
        line: "crish config --set runtime-endpoint=/run/crio/crio.sock,timeout=30",
        meaning: "Changes two keys",
      },
      { line: "crish config --get timeout", meaning: "Prints one value" },
      { line: "crish config --effective", meaning: "Where the endpoint in use comes from" },
    ],
    args: [
      {
        name: "key",
        meaning: "key to change, as crictl spelled it once; --set goes before it",
        required: false,
        completion: { values: KEYS },
      },
      { name: "value", meaning: "its value", required: false, completion: "none" },
    ],
    flags: [
      {
        name: "get",
        type: "string",
        meaning: "print the value of this key",
        placeholder: "KEY",
        completion: { values: KEYS },
        exclusive: others("get"),
      },
      {
        name: "set",
        type: "string",
        repeat: true,
        meaning: "change a key; several with commas between",
        placeholder: "KEY=VALUE",
        completion: { values: KEYS.map((key) => `${key}=`) },
        exclusive: others("set"),
      },
      {
        name: "list",
        type: "boolean",
        meaning: "print every key of the file",
        exclusive: others("list"),
      },
      {
        name: "effective",
        type: "boolean",
        meaning: "print every option that holds, with its flag, variable, context or file",
        exclusive: others("effective"),
      },
      ...LIST_FLAGS,
    ],
    toleratesSettings: true,
    group: "runtime",
  },
  async run(context, { args, flags }) {
    const file = clientFile(context);
    const changes = wantedChanges(args, flags);
    if (changes.length > 0) {
      await changeClientFile(file, changes);
    } else if (flags.effective === true) {
      await printEffective(context, flags);
    } else {
      await printFile(context, flags);
    }
    return EXIT.success;
  },
};

function others(name: string): readonly string[] {
  return QUESTIONS.filter((other) => other !== name);
}

function wantedChanges(
  args: CommandInput["args"],
  flags: CommandInput["flags"],
): readonly SettingChange[] {
  const isAsked = QUESTIONS.some((name) => flags[name] !== undefined && flags[name] !== false);
  if (args.key === undefined) {
    if (!isAsked) {
      throw new StatusError("InvalidArgument", "config needs --get, --set, --list or --effective", {
        hint: "see crish config --help",
      });
    }
    return Array.isArray(flags.set) ? parseChanges(flags.set) : [];
  }
  const key = String(args.key);
  if (isAsked) throw new StatusError("InvalidArgument", `unexpected argument "${key}"`);
  if (args.value === undefined) {
    const hint = `crish config --get ${toSettingName(key)} prints it`;
    throw new StatusError("InvalidArgument", `config needs a value for "${key}"`, { hint });
  }
  return [toChange(key, String(args.value))];
}

async function printFile(context: Context, flags: CommandInput["flags"]): Promise<void> {
  const { stdout } = context;
  const name = flags.get === undefined ? undefined : toSettingName(String(flags.get));
  const settings = await readClientFile(clientFile(context));
  if (name !== undefined) {
    await stdout.write(`${settings[name]}\n`);
    return;
  }
  const entries = Object.entries(settings).map(([key, value]) => ({ key, value }));
  await printList(context, flags, async () => fileList(entries));
}

async function printEffective(context: Context, flags: CommandInput["flags"]): Promise<void> {
  await printList(context, flags, async () => effectiveList(await effectiveSettings(context)));
}
