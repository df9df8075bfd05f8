import { EXIT, toExitCode } from "../errors/exit-code.ts";
import type { Context } from "./context.ts";
import { printError } from "./print-error.ts";
import type { Resolved } from "./resolve-objects.ts";

export interface NamedIds {
  readonly ids: ReadonlySet<string>;
  /** That of the first name which means nothing. */
  readonly status: number;
}

/** The IDs of what was named; a name that means nothing is reported. */
export async function namedIds(
  context: Context,
  resolved: readonly Resolved<{ readonly id: string }>[],
): Promise<NamedIds> {
  const ids = new Set<string>();
  let status: number = EXIT.success;
  for (const item of resolved) {
    if ("object" in item) {
      ids.add(item.object.id);
    } else {
      await printError(context.stderr, item.error);
      if (status === EXIT.success) status = toExitCode(item.error);
    }
  }
  return { ids, status };
}
