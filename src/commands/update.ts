import { callOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import { listOf } from "../cli/inspect-each.ts";
import { resolveContainers } from "../cli/resolve-objects.ts";
import { RESOURCE_FLAGS, readResources, refuseNoLimits } from "../cli/resource-flags.ts";
import { runForEach } from "../cli/run-for-each.ts";
import { createMessage } from "../cri/create-message.ts";
import {
  type LinuxContainerResources,
  WindowsContainerResources,
} from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";

/** Changes the limits of containers. */
export const update: Command = {
  spec: {
    name: "update",
    summary: "change the limits of containers while they run",
    description: "What is not named stays as it is.",
    examples: [
      { line: "crish update --memory 512Mi web", meaning: "Another limit of memory" },
      {
        line: "crish update --cpu-quota 50000 --cpu-period 100000 web db",
        meaning: "Half a core for each of two",
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
      ...RESOURCE_FLAGS,
      {
        name: "oom-score-adj",
        type: "string",
        meaning: "from -1000 to 1000: the higher, the sooner the kernel kills it",
        placeholder: "NUMBER",
      },
      {
        name: "cpu-count",
        type: "integer",
        meaning: "number of CPUs; of Windows containers",
        placeholder: "CPUS",
      },
      {
        name: "cpu-maximum",
        type: "integer",
        meaning: "part of the CPUs, 10000 for all; of Windows containers",
        placeholder: "NUMBER",
      },
    ],
    object: "container",
    objectStates: ["running", "created"],
    changes: true,
    group: "containers",
  },
  async run(context, { args, flags }) {
    const linux = readResources(flags);
    const windows = readWindowsResources(flags, linux);
    if (linux === undefined && windows === undefined) refuseNoLimits("update", "--memory 512Mi");
    const containers = await resolveContainers(context, listOf(args.container));
    if (windows !== undefined) {
      await context.stderr.write(
        "--cpu-count and --cpu-maximum are for Windows containers: others take no notice\n",
      );
    }
    const { runtime } = await context.backend();
    return await runForEach(context, containers, async ({ id }, reference) => {
      await runtime.updateContainerResources(
        { containerId: id, linux, windows, annotations: {} },
        callOptions(context),
      );
      return `${reference}\n`;
    });
  },
};

/** Only where a flag of Windows' own is given: the limits that both have go with them. */
function readWindowsResources(
  flags: CommandInput["flags"],
  linux: LinuxContainerResources | undefined,
): WindowsContainerResources | undefined {
  const cpuCount = BigInt(Number(flags["cpu-count"] ?? 0));
  const cpuMaximum = BigInt(Number(flags["cpu-maximum"] ?? 0));
  if (cpuCount === 0n && cpuMaximum === 0n) return undefined;
  if (cpuCount < 0n || cpuMaximum < 0n) {
    throw new StatusError("InvalidArgument", "--cpu-count or --cpu-maximum is negative");
  }
  const { cpuShares = 0n, memoryLimitInBytes = 0n } = linux ?? {};
  return createMessage(WindowsContainerResources, {
    cpuCount,
    cpuMaximum,
    cpuShares,
    memoryLimitInBytes,
  });
}
