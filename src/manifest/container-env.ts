import { StatusError } from "../errors/status-error.ts";
import type { ContainerManifest, EnvManifest } from "./container-shape.ts";
import { type DataSources, findData } from "./data-source.ts";
import { fieldValue, type PodFacts, resourceValue } from "./downward.ts";
import { expandVariables } from "./expand-variables.ts";

/**
 * The variables of a container in their order: those of envFrom, then those of env, which go before
 * them and may refer to any variable before themselves. Throws NotFound for a ConfigMap, Secret or
 * key that is not there and not optional. What is binary in a ConfigMap is never a variable.
 */
export function containerEnv(
  container: ContainerManifest,
  pod: PodFacts,
  sources: DataSources,
): Record<string, string> {
  const variables: Record<string, string> = {};
  const usedBy = `container "${container.name}"`;
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const kind = configMapRef === undefined ? "Secret" : "ConfigMap";
    const ref = configMapRef ?? secretRef;
    if (ref === undefined) continue;
    const reference = { kind, namespace: pod.namespace, name: ref.name } as const;
    const source = findData(sources, reference, { optional: ref.optional, usedBy });
    for (const [key, value] of Object.entries(source?.data ?? {})) {
      if (source?.binaryKeys?.includes(key)) continue;
      variables[`${prefix}${key}`] = textOf(value);
    }
  }
  for (const variable of container.env ?? []) {
    const value = variable.value
      ? expandVariables(variable.value, variables)
      : referredValue(variable, { container, pod, sources });
    if (value !== undefined) variables[variable.name] = value;
  }
  return variables;
}

interface Surroundings {
  readonly container: ContainerManifest;
  readonly pod: PodFacts;
  readonly sources: DataSources;
}

/** Undefined where the source is optional and not there. */
function referredValue(
  { name, valueFrom }: EnvManifest,
  { container, pod, sources }: Surroundings,
): string | undefined {
  if (valueFrom === undefined) return "";
  const usedBy = `variable "${name}" of container "${container.name}"`;
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
  if (fieldRef !== undefined) return fieldValue(fieldRef, pod);
  if (resourceFieldRef !== undefined) return resourceValue(resourceFieldRef, container, pod);
  const kind = configMapKeyRef === undefined ? "Secret" : "ConfigMap";
  const ref = configMapKeyRef ?? secretKeyRef;
  if (ref === undefined) return "";
  const reference = { kind, namespace: pod.namespace, name: ref.name } as const;
  const source = findData(sources, reference, { optional: ref.optional, usedBy });
  const isBinary = source?.binaryKeys?.includes(ref.key) === true;
  const value = isBinary ? undefined : source?.data[ref.key];
  if (value !== undefined) return textOf(value);
  if (ref.optional === true) return undefined;
  const missing = isBinary ? "which is binary" : "which it does not have";
  throw new StatusError(
    "NotFound",
    `${usedBy} wants the key "${ref.key}" of the ${kind} "${ref.name}", ${missing}`,
    isBinary ? { hint: "what is below binaryData can be a file of a volume" } : {},
  );
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString("utf8");
}
