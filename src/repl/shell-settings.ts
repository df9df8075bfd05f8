import { StatusError } from "../errors/status-error.ts";

/** A variable that the shell itself reads. */
export interface ShellSetting {
  readonly summary: string;
  /** What it can be, with what that means; the first one is the rule where it is not set. */
  readonly values: Readonly<Record<string, string>>;
}

export const SHELL_SETTINGS: Readonly<Record<string, ShellSetting>> = {
  events: {
    summary: "whether changes of the node are told above the prompt",
    values: {
      on: "containers that end, images that come and go",
      off: "nothing is told",
    },
  },
};

/**
 * Gives a variable its value: a setting one of its own, any other every text. InvalidArgument leaves
 * what was there.
 */
export function assignVariable(variables: Map<string, string>, name: string, value: string): void {
  const values = Object.keys(SHELL_SETTINGS[name]?.values ?? {});
  if (values.length > 0 && !values.includes(value)) {
    const message = `${name} is one of ${values.join(", ")}, not "${value}"`;
    throw new StatusError("InvalidArgument", message);
  }
  variables.set(name, value);
}
