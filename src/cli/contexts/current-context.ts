import { ownSettingsFile, readOwnFile } from "../../config/own-settings-files.ts";
import { parseOwnSettings } from "../../config/parse-own-settings.ts";
import type { Context } from "../context.ts";

/**
 * The name of the context that a command means now, if it is defined or not; undefined for none. An
 * endpoint variable may go before it.
 */
export async function currentContext({ session, env }: Context): Promise<string | undefined> {
  const { context: flag } = session.globalFlags;
  if (typeof flag === "string" && flag !== "") return flag;
  if (env.CRISH_CONTEXT) return env.CRISH_CONTEXT;
  const file = ownSettingsFile(env);
  return (await parseOwnSettings(readOwnFile(file) ?? "", file)).currentContext;
}
