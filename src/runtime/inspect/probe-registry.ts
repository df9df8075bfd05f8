import type { RegistryConfig } from "../../registry/registry-config.ts";
import { registryEndpoints } from "../../registry/registry-endpoint.ts";
import { trustOf } from "../../registry/registry-trust.ts";
import { sendRequest } from "../../registry/send-request.ts";
import type { RegistryAnswer } from "./node-inspector.ts";

/** Asks every endpoint of a registry for the root of its API, without credentials. */
export async function probeRegistry(
  registry: string,
  config: RegistryConfig | undefined,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<readonly RegistryAnswer[]> {
  const endpoints = registryEndpoints(registry, config);
  return await Promise.all(
    endpoints.map(async ({ baseUrl, host, isRegistry }): Promise<RegistryAnswer> => {
      const about = { url: baseUrl, isMirror: !isRegistry };
      try {
        const response = await sendRequest({
          url: `${baseUrl}/v2/`,
          registry: host,
          trust: trustOf(config),
          signal,
          timeoutMs,
        });
        await response.body?.cancel().catch(() => {});
        const date = new Date(response.headers.get("date") ?? Number.NaN);
        return {
          ...about,
          status: response.status,
          error: undefined,
          date: Number.isNaN(date.getTime()) ? undefined : date,
        };
      } catch (error) {
        return { ...about, status: undefined, error, date: undefined };
      }
    }),
  );
}
