import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ImageDefaults } from "./spec-input.ts";

/**
 * What the container runs: CRI's command replaces the image's entrypoint and with it the image's
 * arguments; CRI's args replace only the image's arguments. InvalidArgument where nothing is left.
 */
export function resolveArgs(
  config: Pick<ContainerConfig, "command" | "args">,
  image: ImageDefaults,
): string[] {
  const command = config.command.length > 0 ? config.command : (image.Entrypoint ?? []);
  const imageArgs = config.command.length > 0 ? [] : (image.Cmd ?? []);
  const args = config.args.length > 0 ? config.args : imageArgs;
  const all = [...command, ...args];
  if (all.length === 0 || all[0] === "") {
    throw new StatusError(
      "InvalidArgument",
      "the image names no program to run and the container gives no command",
    );
  }
  return all;
}
