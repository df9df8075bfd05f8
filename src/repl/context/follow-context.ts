/**
 * The shell's context: which pod and container verbs without an object act on. This room resolves
 * it, watches over what it names, and shows it; filling it into commands is the command line's.
 */
import type { Context, DefaultObjects, KnownObjects } from "../../cli/context.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Shell } from "../shell.ts";
import { checkContext } from "./check-context.ts";
import { formatContext } from "./format-context.ts";

/** The shell's context as commands see it, whatever it is when they ask. */
export function followContext(shell: Shell): DefaultObjects {
  return {
    get pod() {
      return shell.context?.pod.id;
    },
    get container() {
      return shell.context?.container?.id;
    },
    nameOf(kind) {
      if (shell.context === undefined) return "";
      return formatContext(kind === "pod" ? { pod: shell.context.pod } : shell.context);
    },
    async verify(context, known) {
      const gone = await dropGone(shell, context, known);
      if (gone === undefined) return;
      throw new StatusError("NotFound", gone.message, { hint: gone.hint });
    },
  };
}

/**
 * Leaves what is no longer there and tells of it, once; tells of a newer attempt once as well.
 * Undefined where all is there.
 */
export async function dropGone(
  shell: Shell,
  context: Context,
  known?: KnownObjects,
): Promise<{ readonly message: string; readonly hint: string } | undefined> {
  const { context: before } = shell;
  if (before === undefined) return undefined;
  const { left, gone, newer } = await checkContext(context, before, known);
  const fresh = newer === undefined ? undefined : newer.slice(0, 13);
  if (gone === undefined) {
    if (fresh === undefined || shell.toldOf === newer) return undefined;
    shell.toldOf = newer;
    const name = formatContext(before);
    await context.stderr.write(
      `container "${name}" has a newer attempt, ${fresh}: "use ${name}" changes to it\n`,
    );
    return undefined;
  }
  shell.setContext(left);
  const now =
    left === undefined ? "there is no context now" : `in use is ${formatContext(left)} now`;
  const hint = fresh === undefined ? now : `${now}; "use ${fresh}" takes the newer attempt`;
  return { message: gone, hint };
}
