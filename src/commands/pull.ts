import { resolve } from "node:path";
import type { Command } from "../cli/command.ts";
import { REGISTRY_FLAGS } from "../cli/flag-sets.ts";
import { listOf } from "../cli/inspect-each.ts";
import { podSchemaCommand } from "../cli/json-schema-command.ts";
import { parseLabels } from "../cli/parse-labels.ts";
import { pullImage } from "../cli/pull-image.ts";
import { pullImages } from "../cli/pull-images.ts";
import { spellings } from "../cli/resolve-images.ts";

/** Pulls images. */
export const pull: Command = {
  spec: {
    name: "pull",
    summary: "pull images from their registries",
    description: "Of several, a few at a time; each is told of when it is there.",
    examples: [
      { line: "crish pull busybox:1.36", meaning: "From docker.io" },
      { line: "crish pull app:1 app:2 db:16", meaning: "Several at once" },
      { line: "crish pull --creds me:secret registry.example/app", meaning: "With credentials" },
    ],
    args: [
      {
        name: "image",
        meaning: "NAME[:TAG] or NAME@DIGEST",
        required: true,
        variadic: true,
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
    changes: true,
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
    // By their full names: what is spelled in two ways is one.
    const references = new Map(listOf(args.image).map((name) => [spellings(name).at(-1), name]));
    const options = { annotations, flags, ...(sandboxConfig && { sandboxConfig }) };
    const [reference = "", ...others] = references.values();
    if (others.length > 0) return await pullImages(context, [...references.values()], options);
    const imageRef = await pullImage(context, { ...options, reference });
    await context.stdout.write(`Image is up to date for ${imageRef}\n`);
    return 0;
  },
};
