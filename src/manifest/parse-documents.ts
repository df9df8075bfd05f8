import type { Document, ScalarTag, Tags } from "yaml";
import type { Place } from "../cri/json/place.ts";
import { locateInYaml, plainYamlError } from "../cri/locate-in-yaml.ts";
import { StatusError } from "../errors/status-error.ts";

/** A document of a file that may have several, as plain values. */
export interface ParsedDocument {
  readonly value: unknown;
  readonly place: Place;
}

/**
 * The documents of a YAML or JSON text, empty ones left out. Scalars mean what they mean to
 * Kubernetes, which reads YAML 1.1: `0400` is octal and `yes` is true. Integers become bigints.
 * Throws InvalidArgument with file, line and column.
 */
export async function parseDocuments(
  text: string,
  file: string,
): Promise<readonly ParsedDocument[]> {
  const yaml = await import("yaml");
  const lineCounter = new yaml.LineCounter();
  const documents = yaml.parseAllDocuments(text.replaceAll(BYTE_ORDER_MARK, ""), {
    intAsBigInt: true,
    lineCounter,
    prettyErrors: false,
    merge: true,
    customTags: kubernetesTags,
  }) as Document.Parsed[];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = lineCounter.linePos(error.pos[0]);
      const message = `${file}:${line}:${col}: ${plainYamlError(error.message)}`;
      throw new StatusError("InvalidArgument", message);
    }
    const value = toValue(document, file);
    if (value === null || value === undefined) return [];
    const locate = (path: Place["path"]) => locateInYaml({ yaml, document, lineCounter }, path);
    return [{ value, place: { options: { file, locate }, path: [] } }];
  });
}

/** Before the first document, and before further ones, as files have it that were put together. */
const BYTE_ORDER_MARK = /^\uFEFF|(?<=\n---[^\n]*\n)\uFEFF/g;

function toValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new StatusError("InvalidArgument", `${file}: its aliases cannot be resolved`, { cause });
  }
}

function kubernetesTags(tags: Tags): Tags {
  return [OCTAL, YES_NO, ...tags];
}

const OCTAL: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^0[0-7]+$/,
  resolve: (text) => BigInt(Number.parseInt(text, 8)),
};

const YES_NO: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test: /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|on)$/i.test(text),
};
