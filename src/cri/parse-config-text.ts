import type { Document, LineCounter, Node, Pair, YAMLMap } from "yaml";
import { StatusError } from "../errors/status-error.ts";
import type { MessageName } from "./json/field-table.ts";
import { fromJson, type JsonPath, type MessageOf } from "./json/from-json.ts";

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
    locate: (path) => locate(yaml, document, lineCounter, path),
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
    throw new StatusError("InvalidArgument", `${file}:${line}:${col}: ${plainly(error.message)}`);
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

/** Where the last key or item of the path stands; the value itself for the empty path. */
function locate(
  yaml: YamlModule,
  document: Document.Parsed,
  lineCounter: LineCounter,
  path: JsonPath,
): { line: number; column: number } | undefined {
  let node: unknown = document.contents;
  let found = node;
  for (const step of path) {
    if (yaml.isAlias(node)) node = node.resolve(document);
    if (yaml.isMap(node)) {
      const pair = pairOf(yaml, node, String(step));
      found = pair?.key;
      node = pair?.value;
    } else if (yaml.isSeq(node)) {
      found = node.items[Number(step)];
      node = found;
    } else {
      return undefined;
    }
  }
  const offset = yaml.isNode(found) ? (found as Node).range?.[0] : undefined;
  if (offset === undefined) return undefined;
  const { line, col } = lineCounter.linePos(offset);
  return { line, column: col };
}

function pairOf(yaml: YamlModule, map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => yaml.isScalar(pair.key) && String(pair.key.value) === key);
}

/** The parser's words without YAML's own terms, for people who wrote JSON. */
function plainly(message: string): string {
  const unclosed = /must be sufficiently indented and end with a (.)/.exec(message)?.[1];
  if (unclosed !== undefined) return `expected "${unclosed}" here or further on`;
  if (/^Implicit keys need/.test(message)) return "missing , or a key that spans lines";
  const text = message.replaceAll("\n", " ").replace(/flow map items/, "entries");
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
