import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolvePods } from "../cli/resolve-objects.ts";
import { runForEach } from "../cli/run-for-each.ts";

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
    objectStates: ["ready"],
    group: "pods",
  },
  async run(context, { args }) {
    const { runtime } = await context.backend();
    const pods = await resolvePods(context, listOf(args.pod));
    return await runForEach(context, pods, async ({ id }, reference) => {
      await runtime.stopPodSandbox({ podSandboxId: id }, callOptions(context));
      return `Stopped sandbox ${reference}\n`;
    });
  },
};
