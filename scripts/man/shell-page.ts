/** crish-shell(7): the language of the shell, and its own commands from their specifications. */
import type { CommandSpec } from "../../src/cli/command.ts";
import { flagsOf } from "../../src/cli/flags-of.ts";
import { LANGUAGE, NOTES } from "../../src/repl/shell-help.ts";
import { capital, description, exampleLines, flagList } from "./command-sections.ts";
import { args, literal, references, sentence, tagged, textLines } from "./mdoc.ts";
import type { Page } from "./page.ts";
import { files, SHELL_FILES } from "./surroundings.ts";

export function shellPage(builtins: readonly CommandSpec[]): Page {
  return {
    name: "crish-shell",
    section: 7,
    summary: "the language of the shell of crish",
    sections: [
      [
        "DESCRIPTION",
        [
          ...INTRODUCTION,
          ...LANGUAGE_LINES,
          ...CONTEXT,
          ...KEYS,
          ...SCRIPTS,
          ...ownCommands(builtins),
        ],
      ],
      ["FILES", files(SHELL_FILES)],
      ["EXIT STATUS", STATUS],
      ["EXAMPLES", EXAMPLES],
      [
        "SEE ALSO",
        references([
          ["crish", 1],
          ["crish-repl", 1],
          ["sh", 1],
          ["crish-config", 5],
        ]),
      ],
    ],
  };
}

const INTRODUCTION = [
  ".Xr crish 1",
  "without a command is a shell on a terminal.",
  "It runs the same commands, over one connection, without",
  ".Ql crish",
  "before them.",
  "The prompt tells the runtime, the context and the status of a command that failed.",
];

const LANGUAGE_LINES = [
  ".Ss Language",
  ...tagged(
    LANGUAGE.map(([form, meaning]) => ({
      term: form
        .split(/ {3,}/)
        .map((each) => `Li ${args(each)}`)
        .join(" , "),
      lines: textLines(sentence(capital(meaning))),
    })),
  ),
  ".Pp",
  ...textLines(NOTES),
];

const CONTEXT = [
  ".Ss Context",
  "After",
  ".Ic use Ar pod",
  "or",
  ".Ic use Ar pod Ns / Ns Ar container",
  "commands that name no object act on that one, or on the only container of that pod;",
  ".Ic ..",
  "leaves it.",
  "Without a context a command that needs an object asks for it with a list to search in.",
  "Commands that stop or remove more than one object ask first;",
  ".Fl y",
  "skips the question and",
  ".Fl \\-dry-run",
  "only tells what would be done.",
];

const KEYS = [
  ".Ss Keys",
  "Those of Emacs, as in bash.",
  "Tab completes commands, flags, values, names, IDs, images, files, and paths inside a container,",
  "behind | and ! programs.",
  "Ctrl-R searches in the history, which sessions share.",
  "The dim end of a line comes from there: Right or End takes it.",
  "Alt-. puts in the last word of the line before, and once more that of the one before that.",
  "Ctrl-C ends the command that runs, a second time the shell; Ctrl-D leaves.",
];

const SCRIPTS = [
  ".Ss Scripts",
  ".Ql crish -f Ar script Op Ar argument ...",
  "runs a file, and so does a first line of",
  ".Ql #!/usr/bin/env -S crish -f .",
  "The first command that fails ends a script, with its status; errors tell file and line.",
  "Nothing is asked, and a line on its own does what it does in the shell.",
];

const STATUS = [
  "That of the last command; that of the command that ended a script.",
  ".Xr crish 1",
  "lists them.",
];

const EXAMPLES = [
  "A variable, a pipe, a file:",
  ...literal([
    "set ids = ps -q --name web",
    "inspect $ids | jq .status.state > states.json",
    "rm -f $ids && echo gone",
  ]),
];

function ownCommands(builtins: readonly CommandSpec[]): string[] {
  return [
    ".Ss Commands of the shell itself",
    ...tagged(builtins.map((spec) => ({ term: usage(spec), lines: meaning(spec) }))),
  ];
}

function usage(spec: CommandSpec): string {
  const words = spec.args.map((arg) => {
    const word = `Ar ${args(arg.name)}${arg.variadic === true ? " ..." : ""}`;
    return arg.required ? word : `Op ${word}`;
  });
  const rest = spec.restCompletion === "verb" ? "Ar command ..." : "Op Ar arg ...";
  const tail = spec.stopAfterArgs === undefined ? [] : [rest];
  return [`Ic ${args(spec.name)}`, ...words, ...tail].join(" ");
}

function meaning(spec: CommandSpec): string[] {
  const flags = flagList(flagsOf(spec));
  const examples = exampleLines(spec);
  return [
    ...description({ ...spec, args: [] }),
    ...flags,
    ...(examples.length === 0 ? [] : [".Pp", ...examples]),
  ];
}
