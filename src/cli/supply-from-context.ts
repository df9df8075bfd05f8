import type { CommandSpec, FlagSpec } from "./command.ts";
import type { DefaultObjects } from "./context.ts";
import { flagsOf } from "./flags-of.ts";
import { isFlagGiven } from "./given-values.ts";
import type { ScannedArguments } from "./scan-arguments.ts";
import { lacksObject, objectArgument, type SupplyOptions } from "./supply-objects.ts";

/**
 * The words with what the shell's context fills in; undefined where it has nothing to say. Names
 * and flags that were given are never touched. In a pod's context a container that is needed is the
 * pod's only one. Throws NotFound where the context's object is gone.
 */
export async function supplyFromContext(
  options: SupplyOptions,
  defaults: DefaultObjects,
): Promise<ScannedArguments | undefined> {
  if (defaults.pod === undefined) return undefined;
  const object = objectArgument(options.spec);
  const kind = object?.completion === "image" ? undefined : object?.completion;
  const id = kind === undefined ? undefined : defaults[kind];
  if (kind !== undefined && id !== undefined && (await leavesObjectOut(options))) {
    // Others notice by the list that they ask for themselves.
    if (options.spec.destroys !== undefined) await defaults.verify(options.context);
    await tellWhich(options, defaults.nameOf(kind), kind);
    return withObjects(options.spec, options.scanned, [id]);
  }
  const flags = lacksAnyObject(options) ? flagsFromContext(options, defaults) : [];
  if (flags.length > 0) {
    return { ...options.scanned, values: new Map([...options.scanned.values, ...flags]) };
  }
  const needsContainer = kind === "container" && object?.required === true;
  if (!needsContainer || isCommandMissing(options) || !(await leavesObjectOut(options))) {
    return undefined;
  }
  const { containersOfPod } = await import("./containers-of-pod.ts");
  const { ids, name } = await containersOfPod(options, { podId: defaults.pod, defaults });
  if (name !== undefined) await tellWhich(options, name, kind);
  return withObjects(options.spec, options.scanned, ids);
}

/** Then choosing a container would not make the line whole. */
function isCommandMissing({ spec, scanned }: SupplyOptions): boolean {
  return spec.needsRest === true && scanned.positionals.length === 0;
}

/** Behind exec, a word that names a container exactly is the container, and any other the command. */
async function leavesObjectOut(options: SupplyOptions): Promise<boolean> {
  const { spec, scanned, context } = options;
  const [word] = scanned.positionals;
  if (spec.needsRest !== true) return lacksObject(options);
  if (!lacksObject({ ...options, scanned: { ...scanned, positionals: [] } })) return false;
  if (scanned.dashes === "before" || word === undefined) return true;
  const { namesContainer } = await import("./names-container.ts");
  return !(await namesContainer(context, word));
}

function withObjects(
  spec: CommandSpec,
  scanned: ScannedArguments,
  ids: readonly string[],
): ScannedArguments {
  const { positionals, rest, dashes } = scanned;
  if (spec.stopAfterArgs === undefined)
    return { ...scanned, positionals: [...ids, ...positionals] };
  const behind = dashes === "behind" ? ["--", ...rest] : rest;
  return { ...scanned, positionals: ids, rest: [...positionals, ...behind] };
}

function lacksAnyObject(options: SupplyOptions): boolean {
  return objectArgument(options.spec) === undefined || lacksObject(options);
}

function flagsFromContext(
  { spec, scanned, context }: SupplyOptions,
  defaults: DefaultObjects,
): [FlagSpec, readonly string[]][] {
  const known = flagsOf(spec);
  const isGiven = (flag: FlagSpec) => isFlagGiven(flag, known, scanned, context.env);
  const given = new Set(known.filter(isGiven).map((flag) => flag.name));
  return known.flatMap((flag): [FlagSpec, readonly string[]][] => {
    const id = flag.fromContext === undefined ? undefined : defaults[flag.fromContext];
    if (id === undefined || given.has(flag.name)) return [];
    const isKept = ![...(flag.notFromContextWith ?? []), ...(flag.exclusive ?? [])].some((name) =>
      given.has(name),
    );
    return isKept ? [[flag, [id]]] : [];
  });
}

/** Who destroys what they did not name reads what it is. */
async function tellWhich(
  { spec, context }: SupplyOptions,
  name: string,
  kind: string,
): Promise<void> {
  const { stderr } = context;
  if (spec.destroys === undefined || !stderr.isTty) return;
  const { escapeControl } = await import("../output/escape-control.ts");
  const text = `${kind} ${escapeControl(name)}, from the context`;
  await stderr.write(stderr.color ? `\x1b[2m${text}\x1b[22m\n` : `${text}\n`);
}
