import type { Command } from "../cli/command.ts";
import { describeContainers } from "../cli/describe-containers.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { listOf } from "../cli/inspect-each.ts";
import { containerRuns, removeContainer } from "../cli/remove-container.ts";
import { wantedContainers } from "../cli/wanted-containers.ts";
import { ContainerState } from "../cri/gen/runtime/v1/api.ts";

/** Removes containers. */
export const rm: Command = {
  spec: {
    name: "rm",
    summary: "remove containers, and their log files",
    description: "A container that runs is removed with --force only, which kills it.",
    examples: [
      { line: "crish rm web", meaning: "A container that has ended" },
      { line: "crish rm -afk", meaning: "Every container; the logs stay" },
    ],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: true,
        unless: ["all"],
        variadic: true,
        completion: "container",
      },
    ],
    flags: [
      { name: "force", short: "f", type: "boolean", meaning: "kill a container that runs first" },
      { name: "keep-logs", short: "k", type: "boolean", meaning: "leave the log files" },
      { name: "all", short: "a", type: "boolean", meaning: "every container" },
    ],
    object: "container",
    destroys: "remove",
    group: "containers",
  },
  async run(context, { args, flags }) {
    const items = await wantedContainers(context, {
      references: listOf(args.container),
      all: flags.all === true,
    });
    if (items.length === 0) {
      await context.stderr.write("no containers to remove\n");
      return 0;
    }
    const force = flags.force === true;
    return await destroyEach(context, {
      spec: rm.spec,
      flags,
      items,
      describe: (containers) => describeContainers(context, containers),
      refusal: ({ state }, reference) =>
        state === ContainerState.CONTAINER_RUNNING && !force ? containerRuns(reference) : undefined,
      async action({ id }, reference) {
        await removeContainer(context, id, reference, {
          force,
          keepLogs: flags["keep-logs"] === true,
        });
        return `${reference}\n`;
      },
    });
  },
};
