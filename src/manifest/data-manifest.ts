/** A ConfigMap or Secret as it was kept: its values in base64. */
export interface KeptData {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly type?: string;
  readonly values: Readonly<Record<string, string>>;
  /** Of a ConfigMap: the keys of its binaryData, which may be text all the same. */
  readonly binaryKeys?: readonly string[];
}

/** The object that makes the same data again. */
export function dataManifest(
  { kind, name, type, values, binaryKeys = [] }: KeptData,
  namespace: string,
): object {
  const object = { apiVersion: "v1", kind, metadata: { name, namespace } };
  if (kind === "Secret") return { ...object, type: type ?? "Opaque", data: values };
  const data: Record<string, string> = {};
  const binaryData: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    const text = binaryKeys.includes(key) ? undefined : asText(value);
    if (text === undefined) binaryData[key] = value;
    else data[key] = text;
  }
  return {
    ...object,
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }),
  };
}

/** Undefined for what is no text. */
function asText(base64: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(base64, "base64"),
    );
  } catch {
    return undefined;
  }
}
