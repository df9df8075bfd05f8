import type { Document, LineCounter } from "yaml";
import { StatusError } from "../errors/status-error.ts";
import type { MessageName } from "./json/field-table.ts";
import { fromJson, type MessageOf } from "./json/from-json.ts";
import { locateInYaml, plainYamlError } from "./locate-in-yaml.ts";

type YamlModule = typeof import("yaml");

/**
 * A message from JSON or YAML text, as `runp` and `create` take it. Integers are exact at any size.
 * Throws InvalidArgument with file, line and column for text that does not parse, for a key given
 * twice and for what is not a field of the message.
 */
export async function parseConfigText<Name extends MessageName>(
  message: Name,
  text: string,
  file: string,
): Promise<MessageOf<Name>> {
  // JSON is read as the YAML it also is: one parser that knows lines, columns and exact integers.
  const yaml = await import("yaml");
  const lineCounter = new yaml.LineCounter();
  const document = parseDocument(yaml, text.replace(/^\uFEFF/, ""), file, lineCounter);
  const value = toValue(document, file);
  refuseKubernetesObject(value, file, message);
  return fromJson(message, value, {
    file,
    locate: (path) => locateInYaml({ yaml, document, lineCounter }, path),
  });
}

function parseDocument(
  yaml: YamlModule,
  text: string,
  file: string,
  lineCounter: LineCounter,
): Document.Parsed {
  const [document, second] = yaml.parseAllDocuments(text, {
    intAsBigInt: true,
    lineCounter,
    prettyErrors: false,
  }) as Document.Parsed[];
  if (document === undefined || document.contents === null) {
    throw new StatusError("InvalidArgument", `${file}: the file is empty`);
  }
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    throw new StatusError(
      "InvalidArgument",
      `${file}:${line}:${col}: ${plainYamlError(error.message)}`,
    );
  }
  if (second !== undefined) {
    throw new StatusError("InvalidArgument", `${file}: more than one document`, {
      hint: "put each pod or container in a file of its own",
    });
  }
  return document;
}

function toValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new StatusError("InvalidArgument", `${file}: its aliases cannot be resolved`, { cause });
  }
}

function refuseKubernetesObject(value: unknown, file: string, message: MessageName): void {
  if (typeof value !== "object" || value === null) return;
  if (!("apiVersion" in value) || !("kind" in value)) return;
  throw new StatusError("InvalidArgument", `${file}: this is a Kubernetes ${String(value.kind)}`, {
    hint: `what is wanted is a CRI ${message}`,
  });
}
