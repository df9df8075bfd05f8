import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { renderVerbose, type VerboseLine } from "../output/verbose.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";
import { type DocumentRenderer, prepareDocuments } from "./render-documents.ts";
import { reportFound } from "./report-found.ts";
import type { Resolved } from "./resolve-objects.ts";

export interface Inspection {
  readonly document: Readonly<Record<string, unknown>>;
  readonly lines: readonly VerboseLine[];
}

/**
 * Asks for every object and prints what was found as one document: an object for one, a list for
 * several. What could not be had is reported; the status is the first failure's.
 */
export async function inspectEach<T>(
  context: Context,
  flags: CommandInput["flags"],
  items: readonly Resolved<T>[],
  inspect: (object: T) => Promise<Inspection>,
): Promise<number> {
  const renderDocuments = await prepareDocuments(flags, context.cwd);
  if (items.length === 0) {
    await context.stderr.write("nothing matches\n");
    return EXIT.success;
  }
  const pending = items.map(async (item) => {
    if ("error" in item) throw item.error;
    return await inspect(item.object);
  });
  return await reportFound(context, pending, async (found) => {
    await context.stdout.write(await render(flags, found, renderDocuments));
  });
}

async function render(
  flags: CommandInput["flags"],
  found: readonly Inspection[],
  renderDocuments: DocumentRenderer,
): Promise<string> {
  if (flags.output === "table") return renderVerbose(found.map(({ lines }) => lines));
  return await renderDocuments(found.map(({ document }) => document));
}

/** The list of an argument that takes several. */
export function listOf(value: CommandInput["args"][string]): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** Throws InvalidArgument for objects named beside --all: it is not clear which are meant. */
export function refuseNamesWithAll(names: readonly string[], flag = "--all"): void {
  if (names.length === 0) return;
  throw new StatusError("InvalidArgument", `${flag} takes no names, but "${names[0]}" was given`);
}
