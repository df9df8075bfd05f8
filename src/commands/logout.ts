import type { Command } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { AUTH_FILE_FLAG } from "../cli/flag-sets.ts";
import { printError } from "../cli/print-error.ts";
import { authFileOf } from "../cli/registry-auth.ts";
import { parseRegistryScope } from "../cli/registry-scope.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import type { AuthScope } from "../registry/auth/auth-key.ts";
import type { AuthPlaces } from "../registry/auth/auth-places.ts";

/** Forgets credentials of registries. */
export const logout: Command = {
  spec: {
    name: "logout",
    summary: "forget the credentials of registries",
    description: [
      "They go from every file in which pull would look for them, and from the helpers that those",
      "name; with --auth-file from that one alone.",
    ].join("\n"),
    examples: [
      { line: "crish logout registry.example", meaning: "What is kept for one registry" },
      { line: "crish logout --all", meaning: "All that is kept" },
    ],
    args: [
      {
        name: "registry",
        meaning: "host, or host/path, as login took it",
        required: true,
        unless: ["all"],
        variadic: true,
        completion: "registry",
      },
    ],
    flags: [
      { name: "all", short: "a", type: "boolean", meaning: "every registry" },
      AUTH_FILE_FLAG,
    ],
    group: "images",
  },
  async run(context, { args, flags }) {
    const names = [args.registry ?? []].flat();
    if (flags.all === true && names.length > 0) {
      throw new StatusError("InvalidArgument", `--all excludes the registry "${names[0]}"`);
    }
    const [{ authPlaces }, { keptScopes }] = await Promise.all([
      import("../registry/auth/auth-places.ts"),
      import("../registry/auth/keep-credentials.ts"),
    ]);
    const places = authPlaces(context.env, authFileOf(flags, context.cwd));
    const scopes = flags.all === true ? await keptScopes(places) : await parseAll(names);
    let status: number = EXIT.success;
    // One after the other: they lie in one file.
    for (const scope of scopes) {
      try {
        await forget(context, places, scope, flags.all === true);
      } catch (error) {
        await printError(context.stderr, error);
        if (status === EXIT.success) status = toExitCode(error);
      }
    }
    if (scopes.length === 0) await context.stderr.write("no credentials are kept\n");
    return status;
  },
};

async function parseAll(names: readonly string[]): Promise<readonly AuthScope[]> {
  return await Promise.all(names.map(parseRegistryScope));
}

async function forget(
  { stdout, signal }: Context,
  places: AuthPlaces,
  scope: AuthScope,
  isFromList: boolean,
): Promise<void> {
  const { formatAuthKey } = await import("../registry/auth/auth-key.ts");
  const { eraseCredentials } = await import("../registry/auth/keep-credentials.ts");
  const name = formatAuthKey(scope, "containers");
  const hadAny = await eraseCredentials(places, scope, { signal });
  if (hadAny) {
    await stdout.write(`${name}\n`);
  } else if (!isFromList) {
    throw new StatusError("NotFound", `no credentials are kept for "${name}"`);
  }
}
