import type { Document, LineCounter, Node, Pair, YAMLMap } from "yaml";
import type { JsonPath } from "./json/place.ts";

type YamlModule = typeof import("yaml");

/** A document, and the module that parsed it, which is loaded only where YAML is read. */
export interface ParsedYaml {
  readonly yaml: YamlModule;
  readonly document: Document.Parsed;
  readonly lineCounter: LineCounter;
}

/** Where the last key or item of the path stands; the value itself for the empty path. */
export function locateInYaml(
  { yaml, document, lineCounter }: ParsedYaml,
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
export function plainYamlError(message: string): string {
  const unclosed = /must be sufficiently indented and end with a (.)/.exec(message)?.[1];
  if (unclosed !== undefined) return `expected "${unclosed}" here or further on`;
  if (/^Implicit keys need/.test(message)) return "missing , or a key that spans lines";
  const text = message.replaceAll("\n", " ").replace(/flow map items/, "entries");
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
