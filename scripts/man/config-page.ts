/** crish-config(5). A test holds the keys below to those that the programs take. */
import { literal, references, tagged } from "./mdoc.ts";
import type { Page } from "./page.ts";
import {
  CONFIGURATION_FILES,
  ENDPOINT_VARIABLES,
  files,
  OTHER_VARIABLES,
  SHELL_FILES,
  variables,
} from "./surroundings.ts";

type Keys = Readonly<Record<string, readonly [type: string, ...meaning: string[]]>>;

export const CLIENT_KEYS: Keys = {
  "runtime-endpoint": [
    "string",
    "The CRI socket, or",
    ".Ql \\(dqembedded:\\(dq ,",
    "in quotes as YAML wants it.",
  ],
  "image-endpoint": [
    "string",
    "The socket of the image service.",
    "It belongs to the runtime endpoint of the file, and is passed over where another one is named.",
  ],
  timeout: ["seconds", "Time for each call; without it each kind of call has what it needs."],
  debug: ["boolean", "Diagnostics on the standard error output."],
  "pull-image-on-create": ["boolean", "Whether", ".Xr crish-create 1", "pulls the image first."],
  "disable-pull-on-run": ["boolean", "Keeps", ".Xr crish-run 1", "from pulling."],
  "max-retries": [
    "number",
    "Attempts to connect after the first one.",
    "The default is 3; below 0 there is no end of them.",
  ],
};

export const SHELL_KEYS: Keys = {
  aliases: [
    "mapping",
    "Names to command lines, to which the arguments of the alias are appended.",
    "Scripts do not read them.",
  ],
  "current-context": [
    "string",
    "The context in use, by its name; read from the file of the user alone.",
    "For everybody the client configuration says which runtime is meant.",
  ],
  contexts: [
    "mapping",
    "Runtimes by a name of one's own.",
    "Each has a",
    ".Ic runtime-endpoint ,",
    "and may have an",
    ".Ic image-endpoint",
    "and a",
    ".Ic timeout",
    "for each call.",
    ".Fl \\-context ,",
    ".Ev CRISH_CONTEXT",
    "and",
    ".Ic current-context",
    "choose one.",
  ],
};

export const RUNTIME_KEYS: Keys = {
  handlers: [
    "mapping",
    "OCI runtimes by the name of their handler; the empty name is the default one,",
    "and so is the name of its program, as long as no other handler bears it.",
    "Each has a",
    ".Ic path ,",
    "by default runc, and a",
    ".Ic type ,",
    "which is runc.",
  ],
  conmon: ["string", "The program that stays with each container; the default is conmon."],
  cniPluginDirs: [
    "list",
    "Directories with CNI plugins, in order; the default is",
    ".Pa /opt/cni/bin ,",
    ".Pa /usr/lib/cni ,",
    ".Pa /usr/libexec/cni .",
  ],
  cniConfigDir: [
    "string",
    "The directory of CNI configuration lists; the default is",
    ".Pa /etc/cni/net.d .",
    "Where it has none, a bridge list of crish's own is used.",
  ],
  network: [
    "mapping",
    "The",
    ".Ic name ,",
    ".Ic bridge",
    "and",
    ".Ic subnet",
    "of that list.",
    "Every root has its own.",
  ],
  cgroupParent: [
    "string",
    "The cgroup above those of all pods, an absolute path in each hierarchy.",
  ],
  cgroupDriver: ["string", "How cgroups are made; cgroupfs is the only one."],
  registries: [
    "mapping",
    "Registries by host name.",
    "Each has",
    ".Ic mirrors ,",
    "a list of URLs that are tried before it,",
    ".Ic insecure ,",
    "which allows plain HTTP, and",
    ".Ic caFile ,",
    "a file of CA certificates.",
  ],
  maxParallelLayers: [
    "number",
    "Layers that a pull fetches and unpacks at once; the default is 4.",
  ],
  seccompProfile: [
    "string",
    "The seccomp profile of RuntimeDefault; by default that of the host, else one of crish's own.",
  ],
};

export const CLIENT_EXAMPLE = [
  "runtime-endpoint: unix:///run/containerd/containerd.sock",
  "timeout: 30",
  "max-retries: 0",
];

export const SHELL_EXAMPLE = [
  "aliases:",
  "  web: ps --label app=web",
  "  n: ps -q | wc -l",
  "contexts:",
  "  edge:",
  "    runtime-endpoint: tcp://10.0.0.7:3737",
  "    timeout: 30s",
];

export const RUNTIME_EXAMPLE = [
  "handlers:",
  "  other:",
  "    path: /usr/local/sbin/runc",
  "registries:",
  "  docker.io:",
  "    mirrors: [http://127.0.0.1:5000]",
  "network:",
  "  subnet: 10.85.0.0/16",
];

/** Without the reference to this page. */
const OWN_FILES = CONFIGURATION_FILES.map(({ name, meaning }) => ({
  name,
  meaning: meaning[1]?.includes("crish-config") ? ["The client configuration."] : meaning,
}));

export function configPage(): Page {
  return {
    name: "crish-config",
    section: 5,
    summary: "configuration of crish",
    sections: [
      ["DESCRIPTION", [...INTRODUCTION, ...CLIENT, ...SHELL, ...RUNTIME]],
      ["ENVIRONMENT", variables([...ENDPOINT_VARIABLES, ...OTHER_VARIABLES])],
      ["FILES", files([...OWN_FILES, ...SHELL_FILES])],
      [
        "EXAMPLES",
        [
          "A client that speaks to containerd,",
          ".Pa /etc/crictl.yaml :",
          ...literal(CLIENT_EXAMPLE),
          ".Pp",
          "Aliases of the shell and a runtime by name,",
          ".Pa \\(ti/.config/crish/config.yaml :",
          ...literal(SHELL_EXAMPLE),
          ".Pp",
          "Another OCI runtime, a mirror and a network,",
          ".Pa /etc/crish/runtime.yaml :",
          ...literal(RUNTIME_EXAMPLE),
        ],
      ],
      [
        "SEE ALSO",
        references([
          ["crish", 1],
          ["crish-info", 1],
          ["crish-shell", 7],
        ]),
      ],
    ],
  };
}

const INTRODUCTION = [
  ".Xr crish 1",
  "needs no configuration.",
  "Three files, all of them YAML and none of them required, change what it does: one for its commands,",
  "one of crish itself, one for its embedded runtime.",
  "A key that is not known is an error, with the place where it stands.",
];

const CLIENT = [
  ".Ss The client configuration",
  "The file is crictl's own.",
  "Flags go before the environment, and the environment before the file.",
  "A file that is named by",
  ".Fl c",
  "or",
  ".Ev CRI_CONFIG_FILE",
  "must exist.",
  ...keyList(CLIENT_KEYS),
];

const SHELL = [
  ".Ss The configuration of crish itself",
  "The user's own file goes before that of the system.",
  "The shell passes over a file that cannot be used, with a line; a command that needs a context of",
  "it ends.",
  ...keyList(SHELL_KEYS),
];

const RUNTIME = [
  ".Ss The runtime's configuration",
  "Read where the embedded runtime is used, and by",
  ".Xr crish-serve 1 .",
  ...keyList(RUNTIME_KEYS),
];

function keyList(keys: Keys): string[] {
  return tagged(
    Object.entries(keys).map(([key, [type, ...meaning]]) => ({
      term: `Ic ${key} : Ar ${type}`,
      lines: meaning,
    })),
  );
}
