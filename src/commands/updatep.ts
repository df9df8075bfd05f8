import { callOptions } from "../cli/call-options.ts";
import type { Command, FlagSpec } from "../cli/command.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolvePods } from "../cli/resolve-objects.ts";
import { RESOURCE_FLAGS, readResources, refuseNoLimits } from "../cli/resource-flags.ts";
import { runForEach } from "../cli/run-for-each.ts";

const OVERHEAD = "overhead-";

/** Changes the limits of pods. */
export const updatep: Command = {
  spec: {
    name: "updatep",
    summary: "change the limits of pods while they run",
    description:
      "The limits are those of all containers of the pod together; the overhead is what the pod needs beside them. What is not named stays as it is.",
    examples: [{ line: "crish updatep --memory 1Gi web", meaning: "Another limit of memory" }],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: true,
        variadic: true,
        completion: "pod",
      },
    ],
    flags: [...RESOURCE_FLAGS, ...RESOURCE_FLAGS.map(ofOverhead)],
    object: "pod",
    objectStates: ["ready"],
    changes: true,
    group: "pods",
  },
  async run(context, { args, flags }) {
    const resources = readResources(flags);
    const overhead = readResources(flags, OVERHEAD);
    if (resources === undefined && overhead === undefined) {
      refuseNoLimits("updatep", "--memory 1Gi");
    }
    const pods = await resolvePods(context, listOf(args.pod));
    const { runtime } = await context.backend();
    return await runForEach(context, pods, async ({ id }, reference) => {
      await runtime.updatePodSandboxResources(
        { podSandboxId: id, resources, overhead },
        callOptions(context),
      );
      return `${reference}\n`;
    });
  },
};

function ofOverhead(flag: FlagSpec): FlagSpec {
  return { ...flag, name: OVERHEAD + flag.name, meaning: `overhead: ${flag.meaning}` };
}
