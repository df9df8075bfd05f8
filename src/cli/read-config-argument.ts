import { resolve } from "node:path";
import type { MessageName } from "../cri/json/field-table.ts";
import type { MessageOf } from "../cri/json/from-json.ts";
import { StatusError } from "../errors/status-error.ts";
import type { Context } from "./context.ts";

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

async function readDocument(context: Context, message: MessageName): Promise<string> {
  const { signal, stdin } = context;
  if (stdin.readDocument === undefined) return await readStdin(context);
  const prompt = `${message} as JSON or YAML, ended by Ctrl-D:\n`;
  return await stdin.readDocument({ prompt, signal });
}

async function readStdin({ stdin, signal }: Context): Promise<string> {
  const { MAX_CONFIG_BYTES, toConfigText } = await import("../cri/read-config-file.ts");
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const onAbort = () => aborted.reject(new StatusError("Cancelled", "interrupted"));
  signal.addEventListener("abort", onAbort);
  const chunks: Buffer[] = [];
  let size = 0;
  const reading = stdin.stream().iterator({ destroyOnReturn: false });
  try {
    while (size <= MAX_CONFIG_BYTES) {
      const { done, value } = await Promise.race([reading.next(), aborted.promise]);
      if (done === true) break;
      const chunk = Buffer.from(value);
      chunks.push(chunk);
      size += chunk.length;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    stdin.stream().pause();
  }
  return toConfigText(Buffer.concat(chunks), STDIN);
}
