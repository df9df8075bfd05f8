import type { Command } from "../cli/command.ts";
import { describeContainers } from "../cli/describe-containers.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { GRACE_FLAG, graceMsOf } from "../cli/grace-flag.ts";
import { listOf } from "../cli/inspect-each.ts";
import { restartContainer } from "../cli/restart/restart-container.ts";
import { wantedContainers } from "../cli/wanted-containers.ts";
import { ContainerState } from "../cri/gen/runtime/v1/api.ts";

/** Makes containers anew. */
export const restart: Command = {
  spec: {
    name: "restart",
    summary: "stop containers and run them anew, with the same configuration",
    description: [
      "CRI runs a container once: a new one is made in the same pod, with attempt + 1 and the same",
      "image, and its ID is printed. It is created before the old one is stopped; where that fails,",
      "nothing has happened. The old one is removed once the new one runs; its log stays. The runtime",
      "must tell the configuration, as containerd and the embedded one do. Until the old one has ended,",
      "its name means it; a new one that a killed restart left unstarted goes with the next restart.",
    ].join("\n"),
    examples: [
      { line: "crish restart web", meaning: "With ten seconds of grace" },
      {
        line: "crish restart -t 1s --keep web db",
        meaning: "Two, and the old ones can be inspected",
      },
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
      GRACE_FLAG,
      { name: "keep", type: "boolean", meaning: "leave the old one, which has ended then" },
      { name: "all", short: "a", type: "boolean", meaning: "all containers that run" },
    ],
    object: "container",
    destroys: "restart",
    objectStates: ["running", "exited"],
    group: "containers",
  },
  async run(context, { args, flags }) {
    const graceMs = graceMsOf(flags);
    const items = await wantedContainers(context, {
      references: listOf(args.container),
      all: flags.all === true,
      state: ContainerState.CONTAINER_RUNNING,
    });
    if (items.length === 0) {
      await context.stderr.write("no running containers\n");
      return 0;
    }
    const keep = flags.keep === true;
    return await destroyEach(context, {
      spec: restart.spec,
      flags,
      items,
      describe: (containers) => describeContainers(context, containers),
      async action(container, reference) {
        return `${await restartContainer(context, container, { reference, graceMs, keep })}\n`;
      },
    });
  },
};
