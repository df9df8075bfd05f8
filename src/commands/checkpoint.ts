import { basename, resolve } from "node:path";
import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolveContainers } from "../cli/resolve-objects.ts";
import { runForEach } from "../cli/run-for-each.ts";
import type { Container } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { shortId } from "../output/short-id.ts";

/** Writes what containers hold in memory and on disk into archives. */
export const checkpoint: Command = {
  spec: {
    name: "checkpoint",
    summary: "write the state of running containers into archives, to go on from elsewhere",
    description:
      "The runtime writes them, on its own node; the containers run on. It needs CRIU there.",
    examples: [
      { line: "crish checkpoint web -e /var/tmp/web.tar", meaning: "One container" },
      {
        line: "crish checkpoint web db -e /var/tmp/",
        meaning: "An archive for each, with its name and ID",
      },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: true,
        variadic: true,
        completion: "container",
      },
    ],
    flags: [
      {
        name: "export",
        short: "e",
        type: "path",
        meaning: "the archive; a directory, with a / at its end, for several",
        placeholder: "FILE",
        completion: "file",
      },
    ],
    object: "container",
    objectStates: ["running"],
    changes: true,
    group: "containers",
  },
  async run(context, { args, flags }) {
    const references = listOf(args.container);
    const target = typeof flags.export === "string" ? flags.export : "";
    const isDirectory = target.endsWith("/");
    if (target === "") {
      throw new StatusError("InvalidArgument", "checkpoint needs --export", {
        hint: "-e FILE says where the runtime writes the archive",
      });
    }
    if (references.length > 1 && !isDirectory) {
      throw new StatusError("InvalidArgument", `"${target}" cannot hold several checkpoints`, {
        hint: `-e ${target}/ writes one file for each into that directory`,
      });
    }
    const path = resolve(context.cwd, target);
    const { timeoutMs = 0 } = context.settings;
    const timeout = BigInt(Math.ceil(timeoutMs / 1000));
    const containers = await resolveContainers(context, references);
    const { runtime } = await context.backend();
    return await runForEach(context, containers, async (container, reference) => {
      const location = isDirectory ? resolve(path, archiveName(container)) : path;
      await runtime.checkpointContainer(
        { containerId: container.id, location, timeout },
        callOptions(context),
      );
      return `${reference}\n`;
    });
  },
};

function archiveName({ id, metadata }: Container): string {
  const name = basename(metadata?.name ?? "");
  return name === "" ? `${shortId(id)}.tar` : `${name}-${shortId(id)}.tar`;
}
