import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import type { ImageDefaults } from "./spec-input.ts";

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Later entries replace earlier ones of the same name: defaults, the image's, the container's. */
export function buildEnvironment(
  config: Pick<ContainerConfig, "envs" | "tty">,
  image: ImageDefaults,
  hostname: string,
): string[] {
  const decoder = new TextDecoder();
  return mergeEnvironment([
    DEFAULT_PATH,
    ...(config.tty ? ["TERM=xterm"] : []),
    ...(hostname === "" ? [] : [`HOSTNAME=${hostname}`]),
    ...(image.Env ?? []),
    ...config.envs.map(({ key, value }) => `${key}=${decoder.decode(value)}`),
  ]);
}

/** One entry per name, the last one said, in the order the names first came. */
export function mergeEnvironment(entries: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of entries) {
    const end = entry.indexOf("=");
    byName.set(end < 0 ? entry : entry.slice(0, end), end < 0 ? `${entry}=` : entry);
  }
  return [...byName.values()];
}
