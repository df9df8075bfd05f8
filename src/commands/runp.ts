import { randomUUID } from "node:crypto";
import { cancelOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { CANCEL_TIMEOUT_FLAG } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { podSchemaCommand } from "../cli/json-schema-command.ts";
import { nameInError } from "../cli/name-in-error.ts";
import { readConfigArgument, refuseSeveralFromStdin } from "../cli/read-config-argument.ts";
import { runForEach } from "../cli/run-for-each.ts";
import { StatusError } from "../errors/status-error.ts";

/** Runs pod sandboxes from configuration files. */
export const runp: Command = {
  spec: {
    name: "runp",
    summary: "run pods from configuration files",
    examples: [
      { line: "crish runp pod.yaml", meaning: "Prints the pod's ID" },
      { line: "crish runp web.yaml db.yaml", meaning: "Two pods, and both IDs in this order" },
    ],
    args: [
      {
        name: "pod-config",
        meaning: "JSON or YAML file (PodSandboxConfig), - for stdin",
        required: true,
        variadic: true,
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
    changes: true,
    group: "pods",
  },
  subcommands: [podSchemaCommand("runp")],
  async run(context, { args, flags }) {
    const paths = listOf(args["pod-config"]);
    refuseSeveralFromStdin(paths);
    const [only = "", ...others] = paths;
    if (others.length === 0) {
      await context.stdout.write(await runOne(context, flags, only));
      return 0;
    }
    const items = paths.map((path) => ({ reference: path, object: { id: path } }));
    return await runForEach(context, items, async ({ id: path }) => {
      try {
        return await runOne(context, flags, path);
      } catch (error) {
        throw nameInError(error, "run the pod of", path);
      }
    });
  },
};

/** Resolves to the line of the pod's ID. */
async function runOne(
  context: Context,
  flags: CommandInput["flags"],
  path: string,
): Promise<string> {
  const config = await readConfigArgument(context, "PodSandboxConfig", path);
  const { metadata } = config;
  if (!metadata?.name || !metadata.namespace) {
    const missing = metadata?.name ? "namespace" : "name";
    throw new StatusError("InvalidArgument", `"${path}" has no metadata.${missing}`);
  }
  const { runtime } = await context.backend();
  const { podSandboxId } = await runtime.runPodSandbox(
    {
      config: { ...config, metadata: { ...metadata, uid: metadata.uid || randomUUID() } },
      runtimeHandler: typeof flags.runtime === "string" ? flags.runtime : "",
    },
    cancelOptions(context, flags),
  );
  return `${podSandboxId}\n`;
}
