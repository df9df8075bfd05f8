import type { ArgSpec, CommandSpec, ObjectKind } from "./command.ts";
import type { Context } from "./context.ts";
import { flagsOf } from "./flags-of.ts";
import { isFlagGiven } from "./given-values.ts";
import type { ScannedArguments } from "./scan-arguments.ts";

export interface SupplyOptions {
  readonly spec: CommandSpec;
  readonly scanned: ScannedArguments;
  readonly context: Context;
}

/**
 * The words of a command line with the object that it leaves out: the one of the shell's context,
 * else what the user chooses on the terminal. Without either the words stay as they are, and
 * parsing says what is missing.
 */
export async function supplyObjects(options: SupplyOptions): Promise<ScannedArguments> {
  const { scanned, context } = options;
  if (context.session.defaultObjects !== undefined) {
    const { supplyFromContext } = await import("./supply-from-context.ts");
    const supplied = await supplyFromContext(options, context.session.defaultObjects);
    if (supplied !== undefined) return supplied;
  }
  if (!isAskable(options)) return scanned;
  const { pickObjects } = await import("./pick-objects.ts");
  return await pickObjects(options);
}

/** The argument that names the objects of a verb: always its first. */
export function objectArgument(
  spec: CommandSpec,
): (ArgSpec & { readonly completion: ObjectKind }) | undefined {
  const [first] = spec.args;
  const completion = first?.completion;
  const isObject = completion === "container" || completion === "pod" || completion === "image";
  return first !== undefined && isObject ? { ...first, completion } : undefined;
}

/** Whether the object is left out, and no flag stands in for it. */
export function lacksObject({ spec, scanned, context }: SupplyOptions): boolean {
  const object = objectArgument(spec);
  if (object === undefined) return false;
  const known = flagsOf(spec);
  const isGiven = (name: string) =>
    known.some((flag) => flag.name === name && isFlagGiven(flag, known, scanned, context.env));
  if (object.unless?.some(isGiven)) return false;
  const [word] = scanned.positionals;
  const form = spec.args[1]?.form;
  return word === undefined || (form !== undefined && new RegExp(form).test(word));
}

function isAskable(options: SupplyOptions): boolean {
  const { spec, scanned, context } = options;
  if (!context.stdin.isTty || !context.stderr.canRedraw) return false;
  const object = objectArgument(spec);
  if (object === undefined || !object.required || object.isNew === true) return false;
  if (!lacksObject(options)) return false;
  // Choosing an object would not make the line whole where more is missing than that.
  const needed = spec.args.filter((arg) => arg.required).length - 1;
  return scanned.positionals.length >= needed && spec.needsRest !== true;
}
