import type { Shell } from "../shell.ts";

/** Nothing is in use any more, and there is nothing to go back to. */
export function leaveContext(shell: Shell): void {
  shell.setContext(undefined);
  shell.setContext(undefined);
}
