import {
  type AuthFile,
  closestKeys,
  helperFor,
  newAuthFile,
  readAuthFile,
  toRecord,
  writeAuths,
} from "./auth-file.ts";
import { type AuthScope, formatAuthKey, helperKeys, parseAuthKey } from "./auth-key.ts";
import type { AuthPlaces } from "./auth-places.ts";
import { openCredentialHelper } from "./credential-helper.ts";

interface KeepOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps credentials where they are looked for first: in the file that knows the scope already, else
 * in the preferred one; through the helper that the file names. Resolves to where they are now.
 */
export async function storeCredentials(
  places: AuthPlaces,
  scope: AuthScope,
  credentials: { readonly username: string; readonly password: string },
  options: KeepOptions = {},
): Promise<string> {
  const file = await fileFor(places, scope);
  const key = formatAuthKey(scope, file.form);
  const others = Object.entries(file.auths).filter(([name]) => !isSame(parseAuthKey(name), scope));
  const helper = helperFor(file, scope);
  if (helper !== undefined) {
    await openCredentialHelper(helper, options).store(key, credentials);
    // An empty entry tells Docker that its helper has them.
    const mark = file.form === "docker" ? [[key, {}]] : [];
    await writeAuths(file, Object.fromEntries([...others, ...mark]));
    return `docker-credential-${helper}`;
  }
  const { username, password } = credentials;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  await writeAuths(file, Object.fromEntries([...others, [key, { auth }]]));
  return file.path;
}

/**
 * Forgets what the files and their helpers have for exactly this scope. False where they had nothing.
 * Throws FailedPrecondition where a helper cannot be asked; what the files had is gone by then.
 */
export async function eraseCredentials(
  { files }: AuthPlaces,
  scope: AuthScope,
  options: KeepOptions = {},
): Promise<boolean> {
  let hadAny = false;
  for (const path of files) {
    const file = await readAuthFile(path);
    if (file === undefined) continue;
    const entries = Object.entries(file.auths);
    const left = entries.filter(([name]) => !isSame(parseAuthKey(name), scope));
    const isInFile = entries.some(
      ([name, entry]) =>
        isSame(parseAuthKey(name), scope) && Object.keys(toRecord(entry)).length > 0,
    );
    if (left.length < entries.length) {
      await writeAuths(file, Object.fromEntries(left));
      hadAny = true;
    }
    const helper = helperFor(file, scope);
    // A helper that is not there has nothing where the file had it itself.
    if (helper === undefined || (isInFile && !isInstalled(helper))) continue;
    if (await eraseFrom(helper, scope, options)) hadAny = true;
  }
  return hadAny;
}

/** What the files have credentials for, or a helper of its own. */
export async function keptScopes({ files }: AuthPlaces): Promise<readonly AuthScope[]> {
  const scopes = new Map<string, AuthScope>();
  for (const path of files) {
    const file = await readAuthFile(path);
    const keys = [...Object.keys(file?.auths ?? {}), ...Object.keys(file?.helpers ?? {})];
    for (const scope of keys.map(parseAuthKey))
      scopes.set(formatAuthKey(scope, "containers"), scope);
  }
  return [...scopes.values()];
}

async function fileFor({ files, preferred }: AuthPlaces, scope: AuthScope): Promise<AuthFile> {
  for (const path of files) {
    const file = await readAuthFile(path);
    if (file === undefined) continue;
    const keys = [...Object.keys(file.auths), ...Object.keys(file.helpers)];
    if (closestKeys(keys, scope).some((key) => isSame(parseAuthKey(key), scope))) return file;
  }
  return (await readAuthFile(preferred)) ?? newAuthFile(preferred);
}

async function eraseFrom(name: string, scope: AuthScope, options: KeepOptions): Promise<boolean> {
  const helper = openCredentialHelper(name, options);
  const keys = scope.path === "" ? helperKeys(scope) : [formatAuthKey(scope, "containers")];
  let hadAny = false;
  for (const key of keys) {
    // Some helpers erase what they do not have without a word; erase tells of one that is not there.
    const isThere = !helper.isInstalled() || (await helper.get(key)) !== undefined;
    if (isThere && (await helper.erase(key))) hadAny = true;
  }
  return hadAny;
}

function isInstalled(helper: string): boolean {
  return openCredentialHelper(helper, {}).isInstalled();
}

function isSame(left: AuthScope, right: AuthScope): boolean {
  return left.registry === right.registry && left.path === right.path;
}
