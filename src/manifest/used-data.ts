import { type DataSource, type DataSources, dataKey } from "./data-source.ts";
import type { PodSpecManifest } from "./pod-shape.ts";

/** The ConfigMaps and Secrets that a pod refers to and that are there, each once. */
export function usedData(
  spec: PodSpecManifest,
  namespace: string,
  sources: DataSources,
): readonly DataSource[] {
  const found = new Map<string, DataSource>();
  const add = (kind: DataSource["kind"], name: string | undefined) => {
    const key = dataKey({ kind, namespace, name: name ?? "" });
    const source = sources.get(key);
    if (source !== undefined) found.set(key, source);
  };
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add("ConfigMap", configMapRef?.name);
      add("Secret", secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add("ConfigMap", valueFrom?.configMapKeyRef?.name);
      add("Secret", valueFrom?.secretKeyRef?.name);
    }
  }
  for (const { configMap, secret, projected } of spec.volumes ?? []) {
    add("ConfigMap", configMap?.name);
    add("Secret", secret?.secretName);
    for (const source of projected?.sources ?? []) {
      add("ConfigMap", source.configMap?.name);
      add("Secret", source.secret?.name);
    }
  }
  for (const { name } of spec.imagePullSecrets ?? []) add("Secret", name);
  return [...found.values()];
}
