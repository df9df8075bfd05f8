import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { listOf } from "../cli/inspect-each.ts";
import { isNewer, resolveContainers } from "../cli/resolve-objects.ts";
import { runForEach } from "../cli/run-for-each.ts";

/** Starts containers that were created. */
export const start: Command = {
  spec: {
    name: "start",
    summary: "start containers that were created",
    examples: [{ line: "crish start web", meaning: "One container, by name" }],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix, name, or namespace/pod/container",
        required: true,
        variadic: true,
        completion: "container",
      },
    ],
    flags: [],
    object: "container",
    objectStates: ["created"],
    changes: true,
    group: "containers",
  },
  async run(context, { args }) {
    const { runtime } = await context.backend();
    // One that has not started is meant here, though another attempt may run.
    const containers = await resolveContainers(context, listOf(args.container), isNewer);
    return await runForEach(context, containers, async ({ id }, reference) => {
      await runtime.startContainer({ containerId: id }, callOptions(context));
      return `${reference}\n`;
    });
  },
};
