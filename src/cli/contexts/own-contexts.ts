import { ownSettingsFile, readOwnFile, SYSTEM_FILE } from "../../config/own-settings-files.ts";
import { type OwnSettings, parseOwnSettings } from "../../config/parse-own-settings.ts";
import type { RuntimeContext } from "../../config/runtime-context.ts";
import { StatusError } from "../../errors/status-error.ts";
import { replaceFile } from "../../host/replace-file.ts";
import type { Context } from "../context.ts";

/** A context with the file that defines it. */
export interface DefinedContext extends RuntimeContext {
  readonly name: string;
  readonly file: string;
}

/** Those of the user over those of the system, by name. Throws InvalidArgument for a broken file. */
export async function definedContexts({
  env,
}: Pick<Context, "env">): Promise<ReadonlyMap<string, DefinedContext>> {
  const defined = new Map<string, DefinedContext>();
  for (const file of [SYSTEM_FILE, ownSettingsFile(env)]) {
    const { contexts } = await parseOwnSettings(readOwnFile(file) ?? "", file);
    for (const [name, context] of contexts) defined.set(name, { ...context, name, file });
  }
  return new Map([...defined].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Throws NotFound, naming the one that was most likely meant. */
export async function getContext(context: Context, name: string): Promise<DefinedContext> {
  const defined = await definedContexts(context);
  const found = defined.get(name);
  if (found !== undefined) return found;
  const { nearestName } = await import("../../errors/nearest-name.ts");
  const near = nearestName(name, defined.keys());
  const hint =
    near === undefined ? "crish context lists those that there are" : `did you mean ${near}?`;
  throw new StatusError("NotFound", `there is no context "${name}"`, { hint });
}

/** A place in the file, and what it gets; undefined takes it away. */
export interface OwnChange {
  readonly path: readonly string[];
  readonly value: string | undefined;
}

/** Only its owner needs to know which runtimes there are. */
const NEW_FILE_MODE = 0o600;

/** Changes the user's own file, all of it or nothing; what else it has stays, with its comments. */
export async function changeOwnFile(
  { env }: Context,
  changes: (settings: OwnSettings) => readonly OwnChange[],
): Promise<void> {
  const file = ownSettingsFile(env);
  const source = readOwnFile(file) ?? "";
  const settings = await parseOwnSettings(source, file);
  const { isMap, parseDocument } = await import("yaml");
  const document = parseDocument(source);
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  for (const { path, value } of changes(settings)) {
    // `contexts:` with nothing behind it is no place to put anything.
    if (document.getIn(path.slice(0, 1)) === null) document.deleteIn(path.slice(0, 1));
    if (value !== undefined) document.setIn(path, value);
    else if (document.hasIn(path)) document.deleteIn(path);
  }
  const text = document.toString({ lineWidth: 0 });
  await parseOwnSettings(text, file);
  if (text === source) return;
  await replaceFile(file, text, { mode: NEW_FILE_MODE });
}

/** What goes before the context in use, as the user would name it; undefined for nothing. */
export function overriding({ env }: Context): string | undefined {
  if (env.CONTAINER_RUNTIME_ENDPOINT) return "CONTAINER_RUNTIME_ENDPOINT";
  return env.CRISH_CONTEXT ? "CRISH_CONTEXT" : undefined;
}
