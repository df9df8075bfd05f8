import { resolve } from "node:path";
import type { Command } from "../cli/command.ts";
import { REGISTRY_FLAGS } from "../cli/flag-sets.ts";
import { podSchemaCommand } from "../cli/json-schema-command.ts";
import { parseLabels } from "../cli/parse-labels.ts";
import { pullImage } from "../cli/pull-image.ts";

/** Pulls an image. */
export const pull: Command = {
  spec: {
    name: "pull",
    summary: "pull an image from its registry",
    examples: [
      { line: "crish pull busybox:1.36", meaning: "From docker.io" },
      { line: "crish pull --creds me:secret registry.example/app", meaning: "With credentials" },
    ],
    args: [
      {
        name: "image",
        meaning: "NAME[:TAG] or NAME@DIGEST",
        required: true,
        completion: "image",
        isNew: true,
      },
    ],
    flags: [
      ...REGISTRY_FLAGS,
      {
        name: "pod-config",
        type: "path",
        meaning: "pod configuration to send along",
        placeholder: "FILE",
        completion: "file",
      },
      {
        name: "annotation",
        short: "a",
        type: "string",
        repeat: true,
        meaning: "annotation of the image to send along",
        placeholder: "KEY=VALUE",
      },
    ],
    object: "image",
    group: "images",
  },
  subcommands: [podSchemaCommand("pull")],
  async run(context, { args, flags }) {
    const annotations = parseLabels(flags.annotation, "--annotation");
    const podConfig = flags["pod-config"];
    const { readConfigFile } = await import("../cri/read-config-file.ts");
    const sandboxConfig =
      typeof podConfig === "string" && podConfig !== ""
        ? await readConfigFile("PodSandboxConfig", resolve(context.cwd, podConfig))
        : undefined;
    const imageRef = await pullImage(context, {
      reference: String(args.image),
      annotations,
      flags,
      ...(sandboxConfig === undefined ? {} : { sandboxConfig }),
    });
    await context.stdout.write(`Image is up to date for ${imageRef}\n`);
    return 0;
  },
};
