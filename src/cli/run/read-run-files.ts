import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ContainerConfig, PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Context } from "../context.ts";

const CONFIG_FILE = /\.(json|ya?ml)$/;

/**
 * Whether the words are crictl's form, two configuration files. Throws InvalidArgument where they
 * are named like ones and one of them is not there.
 */
export async function areRunFiles(context: Context, words: readonly string[]): Promise<boolean> {
  if (words.length !== 2 || !words.every((word) => CONFIG_FILE.test(word))) return false;
  for (const word of words) {
    const facts = await stat(resolve(context.cwd, word)).catch(() => undefined);
    if (facts?.isFile() !== true) throw unreadable(word);
  }
  return true;
}

/** Both files of crictl's form. An empty uid becomes one that pod and container share. */
export async function readRunFiles(
  context: Context,
  { containerPath, podPath }: { containerPath: string; podPath: string },
): Promise<{ pod: PodSandboxConfig; container: ContainerConfig }> {
  const { readConfigFile } = await import("../../cri/read-config-file.ts");
  const [container, pod] = await Promise.all([
    readConfigFile("ContainerConfig", resolve(context.cwd, containerPath)),
    readConfigFile("PodSandboxConfig", resolve(context.cwd, podPath)),
  ]);
  const { metadata } = pod;
  if (!metadata?.name || !metadata.namespace) {
    const missing = metadata?.name ? "namespace" : "name";
    throw new StatusError("InvalidArgument", `"${podPath}" has no metadata.${missing}`);
  }
  if (!container.metadata?.name) {
    throw new StatusError("InvalidArgument", `"${containerPath}" has no metadata.name`);
  }
  const { image } = container;
  if (!image?.image) {
    throw new StatusError("InvalidArgument", `"${containerPath}" has no image.image`);
  }
  return {
    pod: { ...pod, metadata: { ...metadata, uid: metadata.uid || randomUUID() } },
    container: {
      ...container,
      image: { ...image, userSpecifiedImage: image.userSpecifiedImage || image.image },
    },
  };
}

function unreadable(path: string): StatusError {
  return new StatusError("InvalidArgument", `cannot read "${path}": no such file`);
}
