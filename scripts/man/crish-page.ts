import type { CommandSpec } from "../../src/cli/command.ts";
import { GLOBAL_FLAGS } from "../../src/cli/global-flags.ts";
import { capital, flagList } from "./command-sections.ts";
import { literal, references, sentence, tagged, textLines } from "./mdoc.ts";
import type { Page } from "./page.ts";
import {
  CONFIGURATION_FILES,
  ENDPOINT_VARIABLES,
  EXIT_STATUSES,
  files,
  OTHER_VARIABLES,
  RUNTIME_FILES,
  SHELL_FILES,
  statuses,
  variables,
} from "./surroundings.ts";

const GROUPS: Readonly<Record<CommandSpec["group"], string>> = {
  pods: "Pods",
  containers: "Containers",
  images: "Images",
  runtime: "The runtime",
  shell: "The shell",
};

/** The page of the program itself. */
export function crishPage(commands: readonly CommandSpec[]): Page {
  return {
    name: "crish",
    section: 1,
    summary: "pods, containers and images of a node, over CRI or in its own runtime",
    sections: [
      ["SYNOPSIS", SYNOPSIS],
      ["DESCRIPTION", [...DESCRIPTION, ...commandLists(commands), ...NAMING]],
      ["OPTIONS", [...OPTIONS, ...flagList(GLOBAL_FLAGS)]],
      ["ENVIRONMENT", variables([...ENDPOINT_VARIABLES, ...OTHER_VARIABLES])],
      ["FILES", files([...CONFIGURATION_FILES, ...SHELL_FILES, ...RUNTIME_FILES])],
      ["EXIT STATUS", [...statuses(EXIT_STATUSES), ...PASSED]],
      ["EXAMPLES", EXAMPLES],
      [
        "SEE ALSO",
        references([
          ...commands.map(({ name }) => [`crish-${name}`, 1] as const),
          ["crish-config", 5],
          ["crish-shell", 7],
        ]),
      ],
    ],
  };
}

const SYNOPSIS = [
  ".Nm",
  ".Op Ar flags",
  ".Ar command",
  ".Op Ar argument ...",
  ".Nm",
  ".Op Ar flags",
  ".Fl f Ar script",
  ".Op Ar argument ...",
  ".Nm",
  ".Op Ar flags",
];

const DESCRIPTION = [
  "Where a socket of the Kubernetes Container Runtime Interface (CRI) answers, that of containerd,",
  "CRI-O or cri-dockerd,",
  ".Nm",
  "speaks CRI to it, with the commands and flags of crictl.",
  "Where none does, its embedded runtime manages pods and containers directly, with runc and conmon.",
  "Without a command it is a shell on a terminal, and else runs the script on its standard input;",
  "see",
  ".Xr crish-shell 7 .",
  ".Pp",
  "The runtime is the one that",
  ".Fl r",
  "names, then",
  ".Ev CONTAINER_RUNTIME_ENDPOINT ,",
  "then the context in use, then",
  ".Pa /etc/crictl.yaml ,",
  "then the first known socket that answers, then the embedded runtime.",
  "A socket that refuses permission is an error.",
  "The command",
  ".Cm info",
  "tells what was chosen.",
];

const NAMING = [
  ".Ss Naming objects",
  "Containers and pods go by their full ID, their name, their path",
  ".Ar namespace Ns / Ns Ar pod Ns / Ns Ar container",
  "or",
  ".Ar namespace Ns / Ns Ar pod ,",
  "or by a unique beginning of the ID, in that order.",
  "Of several attempts of one object the newest is meant; what fits different objects is an error.",
  "Images go by a reference, short or full, by digest, or by a beginning of their ID.",
];

const OPTIONS = [
  "Short letters of the flags below stand before the command only; their long names stand anywhere,",
  "where a flag of the command's own with the same name goes before them.",
  "A boolean flag takes",
  ".Sq =false ,",
  "and a duration a number of seconds or a value like 1m30s.",
];

const PASSED = [
  ".Pp",
  "The commands",
  ".Cm exec",
  "and",
  ".Cm run",
  "end with the status of the program that they run; their pages tell more.",
];

const EXAMPLES = [
  "Containers, on whatever runtime this node has:",
  ...literal(["crish ps"]),
  ".Pp",
  "A pod and a container in one go, then its log:",
  ...literal(["crish run -d --name web -p 8080:80 nginx", "crish logs -f web"]),
  ".Pp",
  "The embedded runtime by name:",
  ...literal(["crish -r embedded: pods"]),
];

function commandLists(commands: readonly CommandSpec[]): string[] {
  return Object.entries(GROUPS).flatMap(([group, title]) => {
    const members = commands.filter((spec) => spec.group === group);
    if (members.length === 0) return [];
    const items = members.map(({ name, summary }) => ({
      term: `Xr crish-${name} 1`,
      lines: textLines(sentence(capital(summary))),
    }));
    return [`.Ss ${title}`, ...tagged(items)];
  });
}
