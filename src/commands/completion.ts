import type { Command } from "../cli/command.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";

const SHELLS = ["bash", "zsh", "fish"];

/** Prints the script that completes crish's command lines in a shell. */
export const completion: Command = {
  spec: {
    name: "completion",
    summary: "print the completion script of a shell",
    description: [
      "It completes commands, flags, their values, and what the runtime has now: names and IDs of",
      "containers and pods, references of images, paths inside the container of exec. The runtime is",
      "asked at each Tab, the one that -r, --config and the environment choose; variables typed before",
      "the command do so in zsh and fish, bash shows them to no completion.",
    ].join("\n"),
    examples: [
      { line: "source <(crish completion bash)", meaning: "In this bash; ~/.bashrc for all" },
      {
        line: "crish completion bash > /usr/share/bash-completion/completions/crish",
        meaning: "For everybody, with the package bash-completion",
      },
      {
        line: "crish completion zsh > /usr/local/share/zsh/site-functions/_crish",
        meaning: "zsh, from its next start on",
      },
      {
        line: "crish completion fish > ~/.config/fish/completions/crish.fish",
        meaning: "fish, at once",
      },
    ],
    args: [
      {
        name: "shell",
        meaning: "bash, zsh or fish; bash where it is left out",
        required: false,
        completion: { values: SHELLS },
      },
    ],
    flags: [],
    group: "shell",
  },
  async run(context, { args }) {
    await context.stdout.write(await scriptFor(String(args.shell ?? "bash")));
    return EXIT.success;
  },
};

async function scriptFor(shell: string): Promise<string> {
  switch (shell) {
    case "bash":
      return (await import("../cli/complete/bash-script.ts")).BASH_SCRIPT;
    case "zsh":
      return (await import("../cli/complete/zsh-script.ts")).ZSH_SCRIPT;
    case "fish":
      return (await import("../cli/complete/fish-script.ts")).FISH_SCRIPT;
    default:
      throw new StatusError("InvalidArgument", `there is no completion for "${shell}"`, {
        hint: `it is one of ${SHELLS.join(", ")}`,
      });
  }
}
