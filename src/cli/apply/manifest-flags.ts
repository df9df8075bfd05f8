import type { FlagSpec } from "../command.ts";

/** Where apply and delete find their manifests. */
export const FILE_FLAG: FlagSpec = {
  name: "filename",
  short: "f",
  type: "path",
  repeat: true,
  meaning: "manifests: a file, a directory, or - for stdin",
  placeholder: "FILE",
};

export const NAMESPACE_FLAG: FlagSpec = {
  name: "namespace",
  short: "n",
  type: "string",
  meaning: "namespace of pods that name none (default: default)",
  placeholder: "NAME",
};

export const SHOW_SECRETS_FLAG: FlagSpec = {
  name: "show-secrets",
  type: "boolean",
  meaning: "print the values of Secrets",
};
