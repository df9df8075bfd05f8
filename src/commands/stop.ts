import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { describeContainers } from "../cli/describe-containers.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { GRACE_FLAG, graceMsOf } from "../cli/grace-flag.ts";
import { listOf } from "../cli/inspect-each.ts";
import { wantedContainers } from "../cli/wanted-containers.ts";
import { ContainerState } from "../cri/gen/runtime/v1/api.ts";

/** Stops containers. */
export const stop: Command = {
  spec: {
    name: "stop",
    summary: "stop containers: a signal, a grace period, then a kill",
    examples: [
      { line: "crish stop web", meaning: "With ten seconds of grace" },
      { line: "crish stop -t 0 web", meaning: "At once" },
      { line: "crish stop -a", meaning: "All that run" },
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
      { name: "all", short: "a", type: "boolean", meaning: "all containers that run" },
    ],
    object: "container",
    destroys: "stop",
    objectStates: ["running"],
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
    const { runtime } = await context.backend();
    const timeout = BigInt(Math.ceil(graceMs / 1000));
    return await destroyEach(context, {
      spec: stop.spec,
      flags,
      items,
      describe: (containers) => describeContainers(context, containers),
      async action({ id }, reference) {
        await runtime.stopContainer({ containerId: id, timeout }, callOptions(context, graceMs));
        return `${reference}\n`;
      },
    });
  },
};
