import { randomUUID } from "node:crypto";
import { cancelOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { CANCEL_TIMEOUT_FLAG } from "../cli/flag-sets.ts";
import { podSchemaCommand } from "../cli/json-schema-command.ts";
import { readConfigArgument } from "../cli/read-config-argument.ts";
import { StatusError } from "../errors/status-error.ts";

/** Runs a pod sandbox from a configuration file. */
export const runp: Command = {
  spec: {
    name: "runp",
    summary: "run a pod from a configuration file",
    examples: [{ line: "crish runp pod.yaml", meaning: "Prints the pod's ID" }],
    args: [
      {
        name: "pod-config",
        meaning: "JSON or YAML file (PodSandboxConfig), - for stdin",
        required: true,
        completion: "file",
      },
    ],
    flags: [
      {
        name: "runtime",
        short: "r",
        type: "string",
        meaning: "runtime handler",
        placeholder: "HANDLER",
        completion: "handler",
      },
      CANCEL_TIMEOUT_FLAG,
    ],
    object: "pod",
    group: "pods",
  },
  subcommands: [podSchemaCommand("runp")],
  async run(context, { args, flags }) {
    const path = String(args["pod-config"]);
    const config = await readConfigArgument(context, "PodSandboxConfig", path);
    const { metadata } = config;
    if (!metadata?.name || !metadata.namespace) {
      const missing = metadata?.name ? "namespace" : "name";
      throw new StatusError("InvalidArgument", `"${path}" has no metadata.${missing}`);
    }
    const backend = await context.backend();
    const { podSandboxId } = await backend.runtime.runPodSandbox(
      {
        config: { ...config, metadata: { ...metadata, uid: metadata.uid || randomUUID() } },
        runtimeHandler: typeof flags.runtime === "string" ? flags.runtime : "",
      },
      cancelOptions(context, flags),
    );
    await context.stdout.write(`${podSandboxId}\n`);
    return 0;
  },
};
