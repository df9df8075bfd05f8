import type { MessageName } from "../cri/json/field-table.ts";
import type { CommandInput } from "./command.ts";
import type { Context } from "./context.ts";

type JsonDocument = Readonly<Record<string, unknown>>;

/**
 * What prints an answer in protobuf's JSON mapping, as documentFlags say; undefined for -o table,
 * which is the verb's own. `wrap` makes the document of it. Throws InvalidArgument for a wrong
 * template, before anything is asked.
 */
export async function prepareMessage(
  { cwd }: Context,
  flags: CommandInput["flags"],
  message: MessageName,
  wrap: (answer: JsonDocument) => JsonDocument = (answer) => answer,
): Promise<((answer: object) => Promise<string>) | undefined> {
  if (flags.output === "table") return undefined;
  const [{ prepareDocuments }, { toJson }] = await Promise.all([
    import("./render-documents.ts"),
    import("../cri/json/to-json.ts"),
  ]);
  const render = await prepareDocuments(flags, cwd);
  return (answer) => render([wrap(toJson(message, answer))]);
}
