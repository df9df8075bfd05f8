import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import { ownSettingsFile, readOwnFile, SYSTEM_FILE } from "./own-settings-files.ts";
import type { RuntimeContext } from "./runtime-context.ts";
import type { SettingSource } from "./settings.ts";

export interface FoundContext extends RuntimeContext {
  readonly name: string;
  /** Who chose it. */
  readonly source: SettingSource;
}

/**
 * The context that a command means: the one that its flag names, else CRISH_CONTEXT, else the one in
 * use; undefined where there is none. Only the user's own file says which one is in use: that for
 * everybody is said in crictl.yaml. So a host without contexts pays for one file that is not there.
 * Throws InvalidArgument for one that is not defined, and for a file that cannot be used: another
 * runtime than the one that was meant must not be taken in silence.
 */
export async function findContext(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundContext | undefined> {
  const ownFile = ownSettingsFile(env);
  const own = readOwnFile(ownFile);
  const named = flag ?? (env.CRISH_CONTEXT || undefined);
  // Without the words nothing is in use, and the file need not be parsed.
  if (named === undefined && !own?.includes("current-context")) return undefined;
  const { parseOwnSettings } = await import("./parse-own-settings.ts");
  const settings = await parseOwnSettings(own ?? "", ownFile);
  const name = named ?? settings.currentContext;
  if (name === undefined) return undefined;
  const source: SettingSource =
    flag !== undefined
      ? { kind: "flag", name: "--context" }
      : named !== undefined
        ? { kind: "environment", name: "CRISH_CONTEXT" }
        : { kind: "file", name: ownFile };
  const inOwn = settings.contexts.get(name);
  if (inOwn !== undefined) return { ...inOwn, name, source };
  const system = await parseOwnSettings(readOwnFile(SYSTEM_FILE) ?? "", SYSTEM_FILE);
  const inSystem = system.contexts.get(name);
  if (inSystem !== undefined) return { ...inSystem, name, source };
  throw unknownContext(name, [...settings.contexts.keys(), ...system.contexts.keys()]);
}

/** The error for a name that no file defines. */
function unknownContext(name: string, known: readonly string[]): StatusError {
  const near = nearestName(name, known);
  const list = known.length === 0 ? "there is none; crish context set makes one" : "";
  const hint =
    near === undefined ? list || `known are ${known.join(", ")}` : `did you mean ${near}?`;
  return new StatusError("InvalidArgument", `there is no context "${name}"`, { hint });
}
