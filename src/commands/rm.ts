import { callOptions } from "../cli/call-options.ts";
import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { deleteLogs } from "../cli/delete-logs.ts";
import { describeContainers } from "../cli/describe-containers.ts";
import { destroyEach } from "../cli/destroy-each.ts";
import { listOf } from "../cli/inspect-each.ts";
import { wantedContainers } from "../cli/wanted-containers.ts";
import { ContainerState } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";

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
        state === ContainerState.CONTAINER_RUNNING && !force ? isRunning(reference) : undefined,
      async action({ id }, reference) {
        await removeOne(context, id, reference, { force, keepLogs: flags["keep-logs"] === true });
        return `${reference}\n`;
      },
    });
  },
};

function isRunning(reference: string): StatusError {
  return new StatusError("FailedPrecondition", `container "${reference}" is running`, {
    hint: "stop it first, or remove it with --force",
  });
}

async function removeOne(
  context: Context,
  id: string,
  reference: string,
  options: { readonly force: boolean; readonly keepLogs: boolean },
): Promise<void> {
  const backend = await context.backend();
  const call = callOptions(context);
  const { status } = await backend.runtime.containerStatus(
    { containerId: id, verbose: false },
    call,
  );
  if (status?.state === ContainerState.CONTAINER_RUNNING) {
    if (!options.force) throw isRunning(reference);
    await backend.runtime.stopContainer({ containerId: id, timeout: 0n }, call);
  }
  await backend.runtime.removeContainer({ containerId: id }, call);
  const isHere = !backend.endpoint.startsWith("tcp:");
  if (options.keepLogs || !isHere || !status?.logPath) return;
  for (const path of await deleteLogs(status.logPath)) {
    await context.stderr.write(`log file "${path}" could not be deleted\n`);
  }
}
