/** What commands share beyond their specifications: variables, files, exit statuses. */
import { tagged } from "./mdoc.ts";

interface Fact {
  readonly name: string;
  readonly meaning: readonly string[];
}

export const ENDPOINT_VARIABLES: readonly Fact[] = [
  {
    name: "CONTAINER_RUNTIME_ENDPOINT",
    meaning: [
      "The CRI socket to use, or",
      ".Dq embedded: .",
      "The flag",
      ".Fl r",
      "goes before it.",
    ],
  },
  {
    name: "IMAGE_SERVICE_ENDPOINT",
    meaning: ["The socket of the image service, where it is another one."],
  },
  {
    name: "CRISH_CONTEXT",
    meaning: [
      "The runtime by the name that",
      ".Ic crish context",
      "gives it, where no endpoint is named.",
      "The flag",
      ".Fl \\-context",
      "goes before all variables.",
    ],
  },
  {
    name: "CRI_CONFIG_FILE",
    meaning: ["The client configuration to read in place of", ".Pa /etc/crictl.yaml ."],
  },
];

export const OTHER_VARIABLES: readonly Fact[] = [
  {
    name: "CRISH_ROOT",
    meaning: [
      "Where the embedded runtime keeps images and metadata in place of",
      ".Pa /var/lib/crish .",
    ],
  },
  {
    name: "CRISH_STATE",
    meaning: ["Where it keeps what runs in place of", ".Pa /run/crish ."],
  },
  {
    name: "CRISH_RUNTIME_CONFIG",
    meaning: ["Its configuration in place of", ".Pa /etc/crish/runtime.yaml ."],
  },
  {
    name: "CRICTL_CREDS , CRICTL_AUTH , CRICTL_PULL_TIMEOUT",
    meaning: ["What the flags of the same names say to the commands that pull."],
  },
  {
    name: "DOCKER_CONFIG",
    meaning: [
      "The directory of Docker's",
      ".Pa config.json ,",
      "where credentials of registries are looked for first.",
    ],
  },
  {
    name: "REGISTRY_AUTH_FILE",
    meaning: ["The only file in which they are looked for, as", ".Fl \\-auth-file", "names it."],
  },
  { name: "NO_COLOR", meaning: ["Where it is set, nothing is coloured."] },
  { name: "COLUMNS", meaning: ["The width of tables and help in place of the terminal's."] },
  {
    name: "XDG_CONFIG_HOME , XDG_STATE_HOME",
    meaning: ["Where the configuration and the history of the shell lie."],
  },
];

export const CONFIGURATION_FILES: readonly Fact[] = [
  {
    name: "/etc/crictl.yaml",
    meaning: ["The client configuration, as", ".Xr crish-config 5", "has it."],
  },
  {
    name: "/etc/crish/runtime.yaml",
    meaning: ["The configuration of the embedded runtime."],
  },
];

export const SHELL_FILES: readonly Fact[] = [
  {
    name: "/etc/crish/config.yaml",
    meaning: ["Aliases of the shell and names of runtimes, for everybody."],
  },
  {
    name: "~/.config/crish/config.yaml",
    meaning: ["The same for one user, which goes before it."],
  },
  {
    name: "~/.local/state/crish/history",
    meaning: ["The lines of the shell, without those that hold secrets."],
  },
];

export const RUNTIME_FILES: readonly Fact[] = [
  { name: "/var/lib/crish", meaning: ["Images, metadata and logs of the embedded runtime."] },
  { name: "/run/crish", meaning: ["What runs: bundles, sockets, namespaces."] },
];

export function variables(facts: readonly Fact[]): string[] {
  return tagged(facts.map(({ name, meaning }) => ({ term: `Ev ${name}`, lines: meaning })));
}

export function files(facts: readonly Fact[]): string[] {
  return tagged(
    facts.map(({ name, meaning }) => ({
      term: `Pa ${name.replace(/^~/, "\\(ti")}`,
      lines: meaning,
    })),
  );
}

export const EXIT_STATUSES: readonly (readonly [status: string, meaning: string])[] = [
  ["0", "Success; also an empty list."],
  ["1", "The runtime refused, or crish failed."],
  ["2", "The command line or a configuration is wrong."],
  ["3", "The endpoint does not answer."],
  ["4", "A named object is not there."],
  ["130", "Interrupted."],
];

export const PASSED_STATUSES: readonly (readonly [status: string, meaning: string])[] = [
  ["125", "The program could not be run, or crish failed."],
  ["126", "The program cannot be executed."],
  ["127", "There is no such program."],
  ["128+n", "Signal n ended the program."],
  ["130", "Interrupted."],
];

export function statuses(list: typeof EXIT_STATUSES): string[] {
  return tagged(list.map(([status, meaning]) => ({ term: status, lines: [meaning] })));
}
