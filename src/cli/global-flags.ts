import type { FlagSpec } from "./command.ts";

/**
 * Flags that every verb takes: with their short letter before the verb only, by their long name
 * anywhere, where a verb's own flag of that name wins.
 */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  {
    name: "runtime-endpoint",
    short: "r",
    type: "string",
    env: "CONTAINER_RUNTIME_ENDPOINT",
    meaning: "CRI socket (unix:///run/containerd/containerd.sock, tcp://HOST:PORT), or embedded:",
    placeholder: "ENDPOINT",
    completion: "endpoint",
  },
  {
    name: "image-endpoint",
    short: "i",
    type: "string",
    env: "IMAGE_SERVICE_ENDPOINT",
    meaning: "CRI socket of the image service, where it is another one",
    placeholder: "ENDPOINT",
    completion: "endpoint",
  },
  {
    name: "context",
    type: "string",
    env: "CRISH_CONTEXT",
    meaning: "runtime by the name that crish context gave it",
    placeholder: "NAME",
    completion: "runtime-context",
  },
  {
    name: "config",
    short: "c",
    type: "path",
    env: "CRI_CONFIG_FILE",
    meaning: "client configuration file (default /etc/crictl.yaml)",
    placeholder: "FILE",
    completion: "file",
  },
  {
    name: "timeout",
    short: "t",
    type: "duration",
    meaning: "time for each call, instead of what its kind needs",
    placeholder: "DURATION",
  },
  { name: "debug", short: "D", type: "boolean", meaning: "diagnostics on stderr" },
  {
    name: "max-retries",
    type: "integer",
    meaning: "connection attempts after the first; below 0 for ever (default 3)",
    placeholder: "N",
  },
  {
    name: "transport",
    type: "enum",
    values: ["lean", "grpc-js"],
    meaning: "gRPC client: crish's own (lean), or grpc-js (default lean, on tcp grpc-js)",
    placeholder: "NAME",
  },
  {
    name: "color",
    type: "enum",
    values: ["auto", "always", "never"],
    meaning: "colour on a terminal (auto), always or never",
    placeholder: "WHEN",
  },
  {
    name: "enable-tracing",
    type: "boolean",
    meaning: "send spans of the command and its calls to an OpenTelemetry collector",
  },
  {
    name: "tracing-endpoint",
    type: "string",
    meaning: "collector that speaks OTLP over gRPC (default 127.0.0.1:4317)",
    placeholder: "HOST:PORT",
    completion: "none",
  },
  {
    name: "tracing-sampling-rate-per-million",
    type: "integer",
    meaning: "traces in a million that are sent; 0 is none, -1 all (default -1)",
    placeholder: "N",
  },
  {
    name: "version",
    short: "v",
    type: "boolean",
    meaning: "print the version of crish and leave",
  },
  { name: "help", short: "h", type: "boolean", meaning: "print help and leave" },
];

/** crictl's flags that mean nothing here: taken, and passed over with a word to --debug. */
export const IDLE_GLOBAL_FLAGS: readonly FlagSpec[] = [
  hidden("profile-cpu", "path"),
  hidden("profile-mem", "path"),
];

/** What may stand before any verb. */
export const ALL_GLOBAL_FLAGS: readonly FlagSpec[] = [...GLOBAL_FLAGS, ...IDLE_GLOBAL_FLAGS];

/** What may stand behind a verb, by its long name. */
export const LATER_GLOBAL_FLAGS: readonly FlagSpec[] = without("help", "version");

/** What may stand before any verb, but for help, which is looked for by itself. */
export const FIRST_GLOBAL_FLAGS: readonly FlagSpec[] = without("help");

/** Why an idle flag is passed over. */
export const IDLE_REASON = "it asks for a profile of Go's runtime, which crish does not have";

function without(...names: readonly string[]): FlagSpec[] {
  const left: FlagSpec[] = [];
  for (const flag of ALL_GLOBAL_FLAGS) if (!names.includes(flag.name)) left.push(flag);
  return left;
}

function hidden(name: string, type: FlagSpec["type"]): FlagSpec {
  return { name, type, hidden: true, meaning: "of crictl alone" };
}
