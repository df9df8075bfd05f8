import type { Command } from "../cli/command.ts";
import { CANCEL_TIMEOUT_FLAG, PULL_CHOICE_FLAGS, REGISTRY_FLAGS } from "../cli/flag-sets.ts";
import { bothSchemasCommand } from "../cli/json-schema-command.ts";
import { printError } from "../cli/print-error.ts";
import { areRunFiles, readRunFiles } from "../cli/run/read-run-files.ts";
import { RUN_FLAGS } from "../cli/run/run-flags.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";

/** Runs a container in a new pod. */
export const run: Command = {
  spec: {
    name: "run",
    summary: "run a container in a new pod, from an image or from configuration files",
    description: [
      "The image is pulled where it is missing. Without -d the container's output is shown from its",
      "first byte, and its status becomes the command's; Ctrl-C stops it, ctrl-p,ctrl-q leaves it.",
      "All that follows the image belongs to the container.",
      "Two files, *.json or *.yaml, are a ContainerConfig and a PodSandboxConfig, as in crictl: the",
      "container is left running and its ID printed.",
    ].join("\n"),
    examples: [
      { line: "crish run --rm -it busybox sh", meaning: "A shell that leaves nothing behind" },
      {
        line: "crish run -d --name web -p 8080:80 nginx",
        meaning: "A server; http://127.0.0.1:8080",
      },
      { line: "crish run container.yaml pod.yaml", meaning: "From files" },
    ],
    args: [
      {
        name: "image",
        meaning: "image reference, then COMMAND [ARG...]; or two configuration files",
        required: true,
        completion: "image",
      },
    ],
    flags: [
      ...RUN_FLAGS,
      {
        name: "runtime",
        short: "r",
        type: "string",
        meaning: "runtime handler",
        placeholder: "HANDLER",
        completion: "handler",
      },
      ...PULL_CHOICE_FLAGS,
      CANCEL_TIMEOUT_FLAG,
      ...REGISTRY_FLAGS,
    ],
    object: "image",
    stopAfterArgs: 1,
    passesExitStatus: true,
    group: "containers",
  },
  subcommands: [bothSchemasCommand("run")],
  async run(context, { args, flags, rest }) {
    const image = String(args.image);
    let isAttached = false;
    try {
      if (await areRunFiles(context, [image, ...rest])) {
        const { startPod } = await import("../cli/run/start-pod.ts");
        const paths = { containerPath: image, podPath: rest[0] ?? "" };
        const configs = await readRunFiles(context, paths);
        const { containerId } = await startPod(context, { ...configs, flags });
        await context.stdout.write(`${containerId}\n`);
        return EXIT.success;
      }
      isAttached = flags.detach !== true;
      const { runImage } = await import("../cli/run/run-image.ts");
      return await runImage(context, { image, command: rest, flags });
    } catch (error) {
      // 125 tells our failure from the container's status; detached there is no such status.
      if (isAttached || context.signal.aborted) throw error;
      await printError(context.stderr, error);
      return toExitCode(error);
    }
  },
};
