import { resolve } from "node:path";
import type { MessageName } from "../cri/json/field-table.ts";
import type { MessageOf } from "../cri/json/from-json.ts";
import { StatusError } from "../errors/status-error.ts";
import type { Context } from "./context.ts";
import { readStdin } from "./read-stdin.ts";

const STDIN = "-";

/**
 * Reads a message from the JSON or YAML file that a command line names. `-` is stdin; in the shell
 * on a terminal it is what is typed or pasted there until Ctrl-D.
 */
export async function readConfigArgument<Name extends MessageName>(
  context: Context,
  message: Name,
  path: string,
): Promise<MessageOf<Name>> {
  if (path !== STDIN) {
    const { readConfigFile } = await import("../cri/read-config-file.ts");
    return await readConfigFile(message, resolve(context.cwd, path));
  }
  const { parseConfigText } = await import("../cri/parse-config-text.ts");
  return await parseConfigText(message, await readDocument(context, message), STDIN);
}

/** Throws InvalidArgument where stdin would have to be several of the files. */
export function refuseSeveralFromStdin(paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === STDIN).length < 2) return;
  throw new StatusError("InvalidArgument", 'only one of the files can be "-"');
}

/** The text on stdin, or what is typed or pasted in a shell until Ctrl-D: `what` is asked for there. */
export async function readDocument(context: Context, what: string): Promise<string> {
  const { signal, stdin } = context;
  if (stdin.readDocument === undefined) {
    const { MAX_CONFIG_BYTES, toConfigText } = await import("../cri/read-config-file.ts");
    return toConfigText(await readStdin(context, MAX_CONFIG_BYTES), STDIN);
  }
  const prompt = `${what} as JSON or YAML, ended by Ctrl-D:\n`;
  return await stdin.readDocument({ prompt, signal });
}
