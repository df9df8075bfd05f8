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
