import { basename } from "node:path";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";
import { replaceFile } from "../../host/replace-file.ts";
import { type AuthScope, closeness } from "./auth-key.ts";

/** A file with credentials, as it is on disk. */
export interface AuthFile {
  readonly path: string;
  /** Docker's config.json, or containers' auth.json. */
  readonly form: "docker" | "containers";
  readonly auths: Readonly<Record<string, unknown>>;
  /** Helpers by what they are for. */
  readonly helpers: Readonly<Record<string, string>>;
  /** The helper for everything else. */
  readonly store: string | undefined;
  /** All that the file holds. */
  readonly content: Readonly<Record<string, unknown>>;
  /** What its lines are indented by. */
  readonly indent: string;
}

const OWNER_ONLY = 0o600;

/** Undefined where there is none. Throws InvalidArgument for what is not JSON. */
export async function readAuthFile(path: string): Promise<AuthFile | undefined> {
  const { readFile } = await import("node:fs/promises");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new StatusError("FailedPrecondition", `cannot read "${path}": ${errnoText(cause)}`);
  }
  const content = parseContent(text, path);
  const helpers = Object.entries(toRecord(content.credHelpers)).flatMap(([key, name]) =>
    typeof name === "string" && name !== "" ? [[key, name]] : [],
  );
  const store = content.credsStore;
  return {
    path,
    form: formOf(path),
    auths: toRecord(content.auths),
    helpers: Object.fromEntries(helpers),
    store: typeof store === "string" && store !== "" ? store : undefined,
    content,
    indent: /\n([ \t]+)"/.exec(text)?.[1] ?? "\t",
  };
}

/** A file that is not there yet. */
export function newAuthFile(path: string): AuthFile {
  const nothing = { auths: {}, helpers: {}, store: undefined, content: {}, indent: "\t" };
  return { path, form: formOf(path), ...nothing };
}

/**
 * Gives the file other entries and leaves the rest of it as it is. Nobody but its owner can read it
 * afterwards.
 */
export async function writeAuths(
  file: AuthFile,
  auths: Readonly<Record<string, unknown>>,
): Promise<void> {
  const text = `${JSON.stringify({ ...file.content, auths }, undefined, file.indent)}\n`;
  await replaceFile(file.path, text, { mode: OWNER_ONLY, most: OWNER_ONLY });
}

/** The helper that keeps what the scope asks for, if one does. */
export function helperFor({ helpers, store }: AuthFile, scope: AuthScope): string | undefined {
  const [closest] = closestKeys(Object.keys(helpers), scope);
  return (closest === undefined ? undefined : helpers[closest]) ?? store;
}

/** The keys that fit, the closest first. */
export function closestKeys(keys: readonly string[], scope: AuthScope): readonly string[] {
  return keys
    .map((key) => ({ key, fit: closeness(key, scope) ?? -1 }))
    .filter(({ fit }) => fit >= 0)
    .sort((left, right) => right.fit - left.fit)
    .map(({ key }) => key);
}

export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function formOf(path: string): AuthFile["form"] {
  return basename(path) === "config.json" ? "docker" : "containers";
}

function parseContent(text: string, path: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") return {};
  try {
    return toRecord(JSON.parse(text));
  } catch {
    // The parser's message would quote the file, which holds secrets.
    throw new StatusError("InvalidArgument", `"${path}" is not JSON`);
  }
}
