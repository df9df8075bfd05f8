import type { Command, FlagValue } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { AUTH_FILE_FLAG } from "../cli/flag-sets.ts";
import { readStdin } from "../cli/read-stdin.ts";
import { authFileOf } from "../cli/registry-auth.ts";
import { parseRegistryScope } from "../cli/registry-scope.ts";
import { EXIT } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { escapeControl } from "../output/escape-control.ts";

/** Tokens have some thousand characters. */
const MOST_PASSWORD_BYTES = 64 * 1024;

/** Keeps credentials of a registry. */
export const login: Command = {
  spec: {
    name: "login",
    summary: "keep the credentials of a registry, once it has accepted them",
    description: [
      "They go into the file that has the registry already, else into Docker's config.json, or where",
      "--auth-file says; through the credential helper that the file names. pull, push, create and",
      "run find them there, on every runtime. REGISTRY/PATH keeps them for what lies below the path",
      "alone. The files are searched in this order: --auth-file or REGISTRY_AUTH_FILE alone, else",
      "$DOCKER_CONFIG/config.json, $XDG_RUNTIME_DIR/containers/auth.json,",
      "~/.config/containers/auth.json, ~/.docker/config.json.",
    ].join("\n"),
    examples: [
      { line: "crish login registry.example", meaning: "Asks for the user and the password" },
      {
        line: "crish login -u me --password-stdin quay.io/team < token",
        meaning: "In a script, for one organisation",
      },
    ],
    args: [
      {
        name: "registry",
        meaning: "host, or host/path for repositories below it",
        required: true,
        completion: "registry",
      },
    ],
    flags: [
      {
        name: "username",
        short: "u",
        type: "string",
        meaning: "who asks; asked for on a terminal where it is left out",
        placeholder: "USER",
      },
      {
        name: "password-stdin",
        type: "boolean",
        meaning: "read the password from stdin, to its end",
      },
      AUTH_FILE_FLAG,
    ],
    group: "images",
  },
  async run(context, { args, flags }) {
    const { env, cwd, signal, stderr } = context;
    const scope = await parseRegistryScope(String(args.registry));
    const isFromStdin = flags["password-stdin"] === true;
    const username = await readUsername(context, flags.username, isFromStdin);
    const password = await readPassword(context, isFromStdin);
    const [{ authPlaces }, { storeCredentials }, { verifyCredentials }] = await Promise.all([
      import("../registry/auth/auth-places.ts"),
      import("../registry/auth/keep-credentials.ts"),
      import("../registry/auth/verify-credentials.ts"),
    ]);
    const credentials = { username, password };
    const config = await registryConfig(context, scope.registry);
    const { registry } = scope;
    const verdict = await verifyCredentials({ registry, config, credentials, signal });
    const places = authPlaces(env, authFileOf(flags, cwd));
    const place = await storeCredentials(places, scope, credentials, { signal });
    if (verdict === "unasked") {
      await stderr.write(`"${registry}" asks nobody for credentials: they are not verified\n`);
    }
    const kept = `the credentials of "${username}" for "${args.registry}" are in "${place}"`;
    await stderr.write(`${escapeControl(kept)}\n`);
    return EXIT.success;
  },
};

/** Throws InvalidArgument where it is not given and nobody can be asked. */
async function readUsername(
  context: Context,
  given: FlagValue | undefined,
  isPasswordFromStdin: boolean,
): Promise<string> {
  const canAsk = context.stdin.isTty && context.stderr.isTty && !isPasswordFromStdin;
  if (given === undefined && !canAsk) {
    const why = isPasswordFromStdin
      ? "--password-stdin takes all of stdin"
      : "there is no terminal";
    throw new StatusError("InvalidArgument", `cannot ask for the user: ${why}`, {
      hint: "crish login --username USER --password-stdin REGISTRY < FILE",
    });
  }
  const username = String(given ?? (await context.askText("Username:"))).trim();
  if (username === "") throw new StatusError("InvalidArgument", "the user name is empty");
  if (username.includes(":")) {
    throw new StatusError("InvalidArgument", `the user name "${username}" has a colon`, {
      hint: "registries take what stands before the first colon for the user",
    });
  }
  return username;
}

async function readPassword(context: Context, isFromStdin: boolean): Promise<string> {
  if (!isFromStdin) {
    if (!context.stdin.isTty) {
      throw new StatusError("InvalidArgument", "cannot ask for the password without a terminal", {
        hint: "crish login -u USER --password-stdin REGISTRY < FILE",
      });
    }
    return notEmpty(await context.askSecret("Password:"));
  }
  const text = (await readStdin(context, MOST_PASSWORD_BYTES)).toString("utf8");
  if (text.length > MOST_PASSWORD_BYTES) {
    throw new StatusError("InvalidArgument", "what stdin holds is too long for a password");
  }
  return notEmpty(text.replace(/\r?\n$/, ""));
}

function notEmpty(password: string): string {
  if (password !== "") return password;
  throw new StatusError("InvalidArgument", "the password is empty");
}

/** How the registry is spoken to: plain http and CA files are said in the runtime's configuration. */
async function registryConfig({ env }: Context, registry: string) {
  const [{ inspectNode }, { embeddedPlaces }] = await Promise.all([
    import("../runtime/index.ts"),
    import("../cli/embedded-places.ts"),
  ]);
  const node = await inspectNode(embeddedPlaces(env));
  return (await node.config()).registries[registry];
}
