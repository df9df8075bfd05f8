import { below, invalid, type Place } from "../cri/json/place.ts";
import { StatusError } from "../errors/status-error.ts";
import type { ConfigMapManifest, SecretManifest } from "./pod-shape.ts";

/** A ConfigMap or a Secret: what its keys hold. */
export interface DataSource {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
  readonly name: string;
  /** Of a Secret: what its keys are for. */
  readonly type?: string;
  readonly data: Readonly<Record<string, Uint8Array>>;
  /** Of a ConfigMap: the keys of its binaryData. They are files of volumes, and never variables. */
  readonly binaryKeys?: readonly string[];
}

/** Both kinds from the same files, found by kind, namespace and name. */
export type DataSources = ReadonlyMap<string, DataSource>;

export interface DataReference {
  readonly kind: DataSource["kind"];
  readonly namespace: string;
  readonly name: string;
}

export function dataKey({ kind, namespace, name }: DataReference): string {
  return `${kind} ${namespace}/${name}`;
}

/** The one that is meant; undefined where it is not there and need not be. Throws NotFound. */
export function findData(
  sources: DataSources,
  reference: DataReference,
  { optional = false, usedBy }: { optional?: boolean | undefined; usedBy: string },
): DataSource | undefined {
  const found = sources.get(dataKey(reference));
  if (found !== undefined || optional) return found;
  const { kind, name, namespace } = reference;
  throw new StatusError("NotFound", `${usedBy} wants the ${kind} "${name}", which is not there`, {
    hint: `give it to the same command, in namespace "${namespace}"`,
  });
}

export function configMapData(
  manifest: ConfigMapManifest,
  place: Place,
): Pick<DataSource, "data" | "binaryKeys"> {
  const { data = {}, binaryData = {} } = manifest;
  const binaryKeys = Object.keys(binaryData);
  const double = binaryKeys.find((key) => Object.hasOwn(data, key));
  if (double !== undefined) {
    throw invalid(below(below(place, "binaryData"), double), "the key is in data as well");
  }
  const all = {
    ...decodeAll(binaryData, below(place, "binaryData")),
    ...encodeAll(data, below(place, "data")),
  };
  return binaryKeys.length === 0 ? { data: all } : { data: all, binaryKeys };
}

/** `stringData` goes before `data`. */
export function secretData(manifest: SecretManifest, place: Place): Record<string, Uint8Array> {
  return {
    ...decodeAll(manifest.data, below(place, "data")),
    ...encodeAll(manifest.stringData, below(place, "stringData")),
  };
}

function encodeAll(values: Readonly<Record<string, string>> = {}, place: Place) {
  return convert(values, place, (text) => Buffer.from(text, "utf8"));
}

function decodeAll(values: Readonly<Record<string, string>> = {}, place: Place) {
  return convert(values, place, (text, here) => {
    const clean = text.replaceAll(/\s/g, "");
    // The value may be a secret: no message quotes it.
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean) || clean.length % 4 !== 0) {
      throw invalid(here, "it is not base64", "plain text belongs below stringData");
    }
    return Buffer.from(clean, "base64");
  });
}

function convert(
  values: Readonly<Record<string, string>>,
  place: Place,
  toBytes: (text: string, here: Place) => Uint8Array,
): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(values).map(([key, text]) => {
      const here = below(place, key);
      if (!/^[-._a-zA-Z0-9]+$/.test(key) || key === "." || key === "..") {
        throw invalid(here, 'a key has letters, digits, "-", "_" and "." only');
      }
      return [key, toBytes(text, here)];
    }),
  );
}
