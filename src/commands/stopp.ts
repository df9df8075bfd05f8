import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { describePods } from "../cli/describe-containers.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolvePods } from "../cli/resolve-objects.ts";

/** Stops pods and what runs in them. */
export const stopp: Command = {
  spec: {
    name: "stopp",
    summary: "stop pods and the containers in them",
    examples: [{ line: "crish stopp web", meaning: "One pod, by name" }],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: true,
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [],
    object: "pod",
    destroys: "stop",
    objectStates: ["ready"],
    group: "pods",
  },
  async run(context, { args, flags }) {
    const { runtime } = await context.backend();
    return await destroyEach(context, {
      spec: stopp.spec,
      flags,
      items: await resolvePods(context, listOf(args.pod)),
      describe: async (pods) => describePods(pods),
      async action({ id }, reference) {
        await runtime.stopPodSandbox({ podSandboxId: id }, callOptions(context));
        return `Stopped sandbox ${reference}\n`;
      },
    });
  },
};
