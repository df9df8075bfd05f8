import { resolve } from "node:path";
import type { RegistryAuth } from "../cri/image-store.ts";
import { describe } from "../errors/describe.ts";
import { StatusError } from "../errors/status-error.ts";
import type { ImageReference } from "../images/image-reference.ts";
import type { AuthScope } from "../registry/auth/auth-key.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";

/**
 * The credentials for an image: those that REGISTRY_FLAGS name, else what the files and helpers of
 * the user have for its registry or repository; undefined for none. --username asks for the password
 * and goes before the others. Throws InvalidArgument for what is malformed; no message has a secret.
 */
export async function readRegistryAuth(
  context: Context,
  flags: CommandInput["flags"],
  reference: string,
): Promise<RegistryAuth | undefined> {
  return (await readGivenAuth(context, flags)) ?? (await findKeptAuth(context, flags, reference));
}

/** What REGISTRY_FLAGS name, for whichever registry; undefined for nothing. */
export async function readGivenAuth(
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

async function findKeptAuth(
  { env, cwd, signal, stderr }: Context,
  flags: CommandInput["flags"],
  reference: string,
): Promise<RegistryAuth | undefined> {
  const [{ authPlaces }, { findCredentials }, { parseImageReference }] = await Promise.all([
    import("../registry/auth/auth-places.ts"),
    import("../registry/auth/find-credentials.ts"),
    import("../images/image-reference.ts"),
  ]);
  const places = authPlaces(env, authFileOf(flags, cwd));
  const scope = scopeOf(() => parseImageReference(reference));
  // Images that everybody may pull can be had without; of others this is why they cannot.
  const onFailure = (error: StatusError) =>
    void stderr.write(`warning: ${describe(error).message}\n`);
  return scope && (await findCredentials(places, scope, { signal, onFailure }));
}

/** Whoever pulls says what is wrong with a reference. */
function scopeOf(parse: () => ImageReference): AuthScope | undefined {
  try {
    const { registry, repository: path } = parse();
    return { registry, path };
  } catch {
    return undefined;
  }
}

/** The file of credentials that the command line or its variable names. */
export function authFileOf(flags: CommandInput["flags"], cwd: string): string | undefined {
  const named = flags["auth-file"];
  return typeof named === "string" && named !== "" ? resolve(cwd, named) : undefined;
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
