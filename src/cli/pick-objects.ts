import type { ScannedArguments } from "./scan-arguments.ts";
import { objectArgument, type SupplyOptions } from "./supply-objects.ts";

/**
 * The words with the objects that the user chooses on the terminal. Throws FailedPrecondition where
 * there is nothing to choose from, and Cancelled where nothing was chosen.
 */
export async function pickObjects(options: SupplyOptions): Promise<ScannedArguments> {
  const { spec, scanned, context } = options;
  const object = objectArgument(spec);
  if (object === undefined) return scanned;
  const { listChoices } = await import("./list-choices.ts");
  const choices = await listChoices(context, object.completion, spec);
  const several = object.variadic === true && object.choosesOne !== true;
  const question = `${spec.name}: which ${object.completion}${several ? "s" : ""}?`;
  const chosen = await context.pick({ question, several, choices });
  return { ...scanned, positionals: [...chosen, ...scanned.positionals] };
}
