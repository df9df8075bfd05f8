/** Flags that several verbs share, so that they mean the same everywhere. */
import type { FlagSpec } from "./command.ts";

const TEMPLATE_FORMATS: readonly string[] = [
  "go-template",
  "go-template-file",
  "jsonpath",
  "jsonpath-file",
];

/** Formats of lists that a text may follow: `jsonpath={.id}`. */
export const FORMATS_WITH_TEXT: readonly string[] = [...TEMPLATE_FORMATS, "custom-columns"];

export function outputFlag(values: readonly string[], defaultFormat: string): FlagSpec {
  return {
    name: "output",
    short: "o",
    type: "enum",
    values,
    ...(values.includes("go-template") ? { valuesWithText: TEMPLATE_FORMATS } : {}),
    default: defaultFormat,
    meaning: "format of the output",
    placeholder: "FORMAT",
  };
}

export const TEMPLATE_FLAG: FlagSpec = {
  name: "template",
  type: "string",
  meaning: "the template of -o go-template or -o jsonpath",
  placeholder: "TEXT",
};

/** Of verbs that print one document or several; `further` formats are the verb's own. */
export function documentFlags(
  further: readonly string[] = [],
  defaultFormat = "json",
): readonly FlagSpec[] {
  const formats = ["json", "yaml", "jsonl", "go-template", "jsonpath", ...further];
  return [outputFlag(formats, defaultFormat), TEMPLATE_FLAG];
}

export const LABEL_FLAG: FlagSpec = {
  name: "label",
  aliases: ["selector"],
  type: "string",
  repeat: true,
  meaning: "only with this label: KEY=VALUE, !=, in, notin, KEY, !KEY; all of them where repeated",
  placeholder: "SELECTOR",
};

const LATEST_FLAGS: readonly FlagSpec[] = [
  { name: "latest", short: "l", type: "boolean", meaning: "only the newest, in any state" },
  {
    name: "last",
    short: "n",
    type: "integer",
    meaning: "only the N newest, in any state; 0 means all",
    placeholder: "N",
  },
];

export const QUIET_ID_FLAG: FlagSpec = {
  name: "quiet",
  short: "q",
  type: "boolean",
  meaning: "print IDs alone",
};

export const VERBOSE_FLAG: FlagSpec = {
  name: "verbose",
  short: "v",
  type: "boolean",
  meaning: "print a block of lines for each",
};

export const NO_TRUNC_FLAG: FlagSpec = {
  name: "no-trunc",
  type: "boolean",
  meaning: "print IDs in full, and every column on a narrow terminal",
};

export const QUIET_INFO_FLAG: FlagSpec = {
  name: "quiet",
  short: "q",
  type: "boolean",
  meaning: "leave out what the runtime tells beyond CRI",
};

/** Which containers a verb means, where it may mean several. */
export const CONTAINER_FILTER_FLAGS: readonly FlagSpec[] = [
  {
    name: "name",
    type: "string",
    meaning: "only with a name that matches; =NAME is that name exactly",
    placeholder: "REGEX",
  },
  {
    name: "namespace",
    type: "string",
    meaning: "only in a pod whose namespace matches",
    placeholder: "REGEX",
  },
  {
    name: "pod",
    short: "p",
    type: "string",
    meaning: "only in this pod (ID, prefix or name)",
    placeholder: "POD",
    completion: "pod",
    fromContext: "pod",
    notFromContextWith: ["id", "namespace"],
  },
  {
    name: "image",
    type: "string",
    meaning: "only of this image",
    placeholder: "IMAGE",
    completion: "image",
  },
  {
    name: "state",
    short: "s",
    type: "enum",
    values: ["created", "running", "exited", "unknown"],
    meaning: "only in this state",
    placeholder: "STATE",
  },
  LABEL_FLAG,
  ...LATEST_FLAGS,
];

/** Which pods a verb means, where it may mean several. */
export const POD_FILTER_FLAGS: readonly FlagSpec[] = [
  {
    name: "name",
    type: "string",
    meaning: "only with a name that matches; =NAME is that name exactly",
    placeholder: "REGEX",
  },
  {
    name: "namespace",
    type: "string",
    meaning: "only in a namespace that matches",
    placeholder: "REGEX",
  },
  {
    name: "state",
    short: "s",
    type: "enum",
    values: ["ready", "notready"],
    meaning: "only in this state",
    placeholder: "STATE",
  },
  LABEL_FLAG,
  ...LATEST_FLAGS,
];

/** Which file has the credentials, instead of Docker's and containers' own places. */
export const AUTH_FILE_FLAG: FlagSpec = {
  name: "auth-file",
  aliases: ["authfile"],
  type: "path",
  env: "REGISTRY_AUTH_FILE",
  meaning: "file of credentials, as Docker's config.json or containers' auth.json",
  placeholder: "FILE",
};

/** Who asks a registry. */
export const CREDENTIAL_FLAGS: readonly FlagSpec[] = [
  {
    name: "creds",
    type: "string",
    env: "CRICTL_CREDS",
    meaning: "registry credentials",
    placeholder: "USER[:PASSWORD]",
    exclusive: ["auth"],
  },
  {
    name: "auth",
    type: "string",
    env: "CRICTL_AUTH",
    meaning: "registry credentials, in base64",
    placeholder: "BASE64",
  },
  {
    name: "username",
    short: "u",
    type: "string",
    meaning: "registry user; the password is asked for",
    placeholder: "USER",
  },
  AUTH_FILE_FLAG,
];

/** How to pull from a registry. */
export const REGISTRY_FLAGS: readonly FlagSpec[] = [
  ...CREDENTIAL_FLAGS,
  {
    name: "pull-timeout",
    aliases: ["pt"],
    type: "duration",
    env: "CRICTL_PULL_TIMEOUT",
    meaning: "limit for the pull; 0 is none",
    placeholder: "DURATION",
  },
];

/** Whether create and run pull the image first. */
export const PULL_CHOICE_FLAGS: readonly FlagSpec[] = [
  {
    name: "no-pull",
    type: "boolean",
    meaning: "never pull the image",
    exclusive: ["with-pull"],
  },
  { name: "with-pull", type: "boolean", meaning: "pull the image first" },
];

export const CANCEL_TIMEOUT_FLAG: FlagSpec = {
  name: "cancel-timeout",
  short: "T",
  type: "duration",
  meaning: "time for each call of this command",
  placeholder: "DURATION",
};
