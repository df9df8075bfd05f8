import { cancelOptions } from "../cli/call-options.ts";
import type { Command, CommandInput } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { fetchPodConfig } from "../cli/fetch-pod-config.ts";
import { CANCEL_TIMEOUT_FLAG, PULL_CHOICE_FLAGS, REGISTRY_FLAGS } from "../cli/flag-sets.ts";
import { bothSchemasCommand } from "../cli/json-schema-command.ts";
import { pullImage } from "../cli/pull-image.ts";
import { readConfigArgument, refuseSeveralFromStdin } from "../cli/read-config-argument.ts";
import { resolvePod } from "../cli/resolve-objects.ts";
import type { ContainerConfig, PodSandbox, PodSandboxConfig } from "../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";

/** Creates a container in a pod from configuration files. */
export const create: Command = {
  spec: {
    name: "create",
    summary: "create a container in a pod from configuration files",
    examples: [
      { line: "crish create web container.yaml pod.yaml", meaning: "Prints the container's ID" },
      { line: "crish create web -", meaning: "Reads the container's file from stdin" },
    ],
    args: [
      {
        name: "pod",
        meaning: "ID, unique prefix, name, or namespace/name",
        required: true,
        completion: "pod",
      },
      {
        name: "container-config",
        meaning: "JSON or YAML file (ContainerConfig), - for stdin",
        required: true,
        form: "\\.(json|ya?ml)$|^-$",
        completion: "file",
      },
      {
        name: "pod-config",
        meaning:
          "the file that the pod was run from (PodSandboxConfig); by default what the runtime remembers",
        required: false,
        completion: "file",
      },
    ],
    flags: [...PULL_CHOICE_FLAGS, CANCEL_TIMEOUT_FLAG, ...REGISTRY_FLAGS],
    object: "container",
    changes: true,
    group: "containers",
  },
  subcommands: [bothSchemasCommand("create")],
  async run(context, { args, flags }) {
    const containerPath = String(args["container-config"]);
    const podPath = args["pod-config"] === undefined ? undefined : String(args["pod-config"]);
    refuseSeveralFromStdin([containerPath, podPath]);
    const config = await readConfigArgument(context, "ContainerConfig", containerPath);
    const image = requireFields(config, containerPath);
    const podConfig =
      podPath === undefined
        ? undefined
        : await readConfigArgument(context, "PodSandboxConfig", podPath);
    const pod = await resolvePod(context, String(args.pod));
    const sandboxConfig = withUidOf(pod, podConfig ?? (await fetchPodConfig(context, pod.id)));
    if (wantsPull(context, flags)) await pullAll(context, flags, config, sandboxConfig);
    const { runtime } = await context.backend();
    const userSpecifiedImage = image.userSpecifiedImage || image.image;
    const request = {
      podSandboxId: pod.id,
      config: { ...config, image: { ...image, userSpecifiedImage } },
      sandboxConfig,
    };
    const { containerId } = await runtime
      .createContainer(request, cancelOptions(context, flags))
      .catch((error: unknown) => {
        throw hintAtPull(error, image.image);
      });
    await context.stdout.write(`${containerId}\n`);
    return 0;
  },
};

function requireFields(config: ContainerConfig, path: string) {
  if (!config.metadata?.name) {
    throw new StatusError("InvalidArgument", `"${path}" has no metadata.name`);
  }
  if (!config.image?.image)
    throw new StatusError("InvalidArgument", `"${path}" has no image.image`);
  return config.image;
}

function hintAtPull(error: unknown, image: string): unknown {
  const isAboutImage = hasCode(error, "NotFound") && error.message.includes(`"${image}"`);
  if (!isAboutImage || error.hint !== undefined) return error;
  const hint = `crish pull ${image} fetches it, as create --with-pull does`;
  return new StatusError(error.code, error.message, { cause: error.cause, hint });
}

/** A file without a uid means the pod that is there: it must not name another one. */
function withUidOf(pod: PodSandbox, config: PodSandboxConfig): PodSandboxConfig {
  const { metadata } = config;
  if (metadata === undefined || metadata.uid !== "") return config;
  return { ...config, metadata: { ...metadata, uid: pod.metadata?.uid ?? "" } };
}

function wantsPull(context: Context, flags: CommandInput["flags"]): boolean {
  if (flags["with-pull"] === true) return true;
  return context.settings.pullImageOnCreate && flags["no-pull"] !== true;
}

/** The container's own image, and those that it mounts. */
async function pullAll(
  context: Context,
  flags: CommandInput["flags"],
  config: ContainerConfig,
  sandboxConfig: PodSandboxConfig,
): Promise<void> {
  const mounted = config.mounts.flatMap((mount) => mount.image?.image || []);
  for (const reference of new Set([config.image?.image ?? "", ...mounted])) {
    await pullImage(context, { reference, flags, sandboxConfig });
  }
}
