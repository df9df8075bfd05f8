import { hasCode, StatusError } from "../../errors/status-error.ts";
import { type Credentials, decodeBasic } from "../credentials.ts";
import { type AuthFile, closestKeys, readAuthFile, toRecord } from "./auth-file.ts";
import { type AuthScope, helperKeys, parseAuthKey } from "./auth-key.ts";
import type { AuthPlaces } from "./auth-places.ts";
import { openCredentialHelper } from "./credential-helper.ts";

interface FindOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of a helper that failed: the search goes on without it. */
  readonly onFailure?: (error: StatusError) => void;
}

/**
 * The credentials that the user's files have for a repository: the first file that has any decides.
 * Within a file the entry for the longest path goes first; for the whole registry its own helper,
 * then the general one, then what the file itself holds. Undefined where none has any. Throws
 * InvalidArgument for a file that is not JSON, and for a named one that is absent.
 */
export async function findCredentials(
  { files, isNamed }: AuthPlaces,
  scope: AuthScope,
  options: FindOptions = {},
): Promise<Credentials | undefined> {
  for (const path of files) {
    const file = await readAuthFile(path);
    if (file === undefined && isNamed) {
      throw new StatusError("InvalidArgument", `there is no file of credentials "${path}"`, {
        hint: `crish login ${scope.registry} --auth-file ${path} makes it`,
      });
    }
    const found = file === undefined ? undefined : await findInFile(file, scope, options);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findInFile(
  file: AuthFile,
  scope: AuthScope,
  options: FindOptions,
): Promise<Credentials | undefined> {
  const { auths, helpers, store } = file;
  const keys = new Set([...Object.keys(helpers), ...Object.keys(auths)]);
  for (const key of closestKeys([...keys], scope)) {
    const helper = helpers[key];
    const isWhole = parseAuthKey(key).path === "";
    const fromHelper = helper && (await ask(helper, [key, ...helperKeys(scope)], options));
    if (fromHelper) return fromHelper;
    const stored = toCredentials(toRecord(auths[key]));
    // The general helper goes before what a file holds of the registry, as Docker has it.
    const general = isWhole && store ? await ask(store, helperKeys(scope), options) : undefined;
    if (general ?? stored) return general ?? stored;
  }
  return store === undefined ? undefined : await ask(store, helperKeys(scope), options);
}

async function ask(
  name: string,
  servers: readonly string[],
  options: FindOptions,
): Promise<Credentials | undefined> {
  const helper = openCredentialHelper(name, options);
  try {
    for (const server of new Set(servers)) {
      const found = await helper.get(server);
      if (found !== undefined) return found;
    }
  } catch (error) {
    if (!hasCode(error, "FailedPrecondition")) throw error;
    options.onFailure?.(error);
  }
  return undefined;
}

function toCredentials(entry: Readonly<Record<string, unknown>>): Credentials | undefined {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  const identityToken = text(entry.identitytoken);
  if (identityToken !== undefined) return { identityToken };
  const registryToken = text(entry.registrytoken);
  if (registryToken !== undefined) return { registryToken };
  const auth = text(entry.auth);
  if (auth !== undefined) return decodeBasic(auth);
  const username = text(entry.username);
  return username === undefined ? undefined : { username, password: text(entry.password) ?? "" };
}
