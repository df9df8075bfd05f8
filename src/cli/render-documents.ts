import { renderJson, renderJsonLine } from "../output/json.ts";
import { renderYaml } from "../output/yaml.ts";
import type { CommandInput } from "./command.ts";
import { parseFormat } from "./output-format.ts";
import { prepareTemplate } from "./prepare-template.ts";

type Document = Readonly<Record<string, unknown>>;

/** Documents to text, in the format that the flags ask for; `isList` makes a list of one, too. */
export type DocumentRenderer = (
  documents: readonly Document[],
  isList?: boolean,
) => Promise<string>;

/**
 * What prints documents as -o json, yaml, jsonl, go-template or jsonpath says: one as an object,
 * several as a list (each on its line with jsonl), with keys at the top in alphabetical order. Throws
 * InvalidArgument for a wrong template, before the runtime is asked for anything.
 */
export async function prepareDocuments(
  flags: CommandInput["flags"],
  cwd: string,
): Promise<DocumentRenderer> {
  const format = parseFormat(flags);
  const template = await prepareTemplate(format, cwd);
  return async (documents, isList = documents.length !== 1) => {
    const sorted = documents.map(sortTop);
    if (format.kind === "jsonl") return sorted.map(renderJsonLine).join("");
    const value = isList ? sorted : sorted[0];
    if (template !== undefined) return template(value);
    return format.kind === "yaml" ? await renderYaml(value) : renderJson(value);
  };
}

function sortTop(document: Document): Document {
  const entries = Object.entries(document).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}
