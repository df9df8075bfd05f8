import { escapeControl } from "../../output/escape-control.ts";
import type { ShellContext } from "../shell.ts";

/** As the user names it: `default/web`, or `default/web/nginx` with a container. */
export function formatContext({ pod, container }: ShellContext): string {
  return escapeControl(container === undefined ? pod.name : `${pod.name}/${container.name}`);
}
