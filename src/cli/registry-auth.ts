import type { RegistryAuth } from "../cri/image-store.ts";
import { StatusError } from "../errors/status-error.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";

/**
 * The credentials that REGISTRY_FLAGS name; undefined for none. --username asks for the password
 * and goes before the others. Throws InvalidArgument for what is malformed; no message has a secret.
 */
export async function readRegistryAuth(
  context: Context,
  flags: CommandInput["flags"],
): Promise<RegistryAuth | undefined> {
  if (typeof flags.username === "string" && flags.username !== "") {
    return { username: flags.username, password: await context.askSecret("Password:") };
  }
  if (typeof flags.creds === "string" && flags.creds !== "")
    return splitCreds(flags.creds, "--creds");
  if (typeof flags.auth === "string" && flags.auth !== "")
    return splitCreds(decode(flags.auth), "--auth");
  return undefined;
}

function splitCreds(text: string, flag: string): RegistryAuth {
  const colon = text.indexOf(":");
  const username = colon === -1 ? text : text.slice(0, colon);
  if (username === "") throw new StatusError("InvalidArgument", `${flag} names no user`);
  return { username, password: colon === -1 ? "" : text.slice(colon + 1) };
}

function decode(text: string): string {
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
  if (!isBase64) throw new StatusError("InvalidArgument", "--auth is not base64");
  return Buffer.from(text, "base64").toString("utf8").replaceAll("\0", "");
}
