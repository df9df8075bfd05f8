/**
 * The room `registry`: a client of the OCI distribution specification and of the token
 * flow that registries use with it.
 *
 * It owns endpoints and mirrors, credentials and tokens, retries, manifests and platforms. It hands
 * blobs on as they come: verifying them is for whoever stores them; what it uploads it verifies. It refuses redirects from https
 * to http and never sends a proof of identity to another host than asked for it. Knows nothing of
 * image names, stores or layers, nor which backend asks.
 */

import { askInOrder } from "./ask-in-order.ts";
import type { RegistryAccess } from "./ask-registry.ts";
import { createAuthorizer } from "./authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { type FetchedManifest, fetchManifest } from "./fetch-manifest.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { registryEndpoints } from "./registry-endpoint.ts";
import { trustOf } from "./registry-trust.ts";
import { DEFAULT_PATIENCE, type RegistryPatience } from "./retry.ts";

/** One repository of a registry, for the time of one pull. Holds no connection that needs closing. */
export interface Registry {
  /** By tag or digest. RegistryError (NotFound, Unauthenticated, …), DigestMismatchError. */
  fetchManifest(
    reference: string,
    options: { signal?: AbortSignal | undefined },
  ): Promise<FetchedManifest>;
  /** From the offset on, unverified. */
  fetchBlob(
    blob: { digest: string; sizeBytes: number; offset: number },
    options: { signal?: AbortSignal | undefined },
  ): AsyncIterable<Uint8Array>;
}

export function openRegistry(options: {
  /** As in references: `docker.io`, `127.0.0.1:5000`. */
  registry: string;
  repository: string;
  config?: RegistryConfig | undefined;
  credentials?: Credentials | undefined;
  patience?: RegistryPatience;
}): Registry {
  const { registry, repository, config, credentials } = options;
  const patience = options.patience ?? DEFAULT_PATIENCE;
  const scopes = [`repository:${repository}:pull`];
  let accesses: RegistryAccess[] = registryEndpoints(registry, config).map((endpoint) => {
    const trust = endpoint.trust ?? trustOf(config);
    const own = endpoint.isRegistry ? credentials : undefined;
    return {
      endpoint,
      trust,
      purpose: "pull",
      authorizer: createAuthorizer({ endpoint, scopes, credentials: own, trust }),
    };
  });

  return {
    async fetchManifest(reference, { signal }) {
      const { access, answer } = await askInOrder(accesses, { patience, signal }, (place) =>
        fetchManifest(place, { repository, reference, patience, signal }),
      );
      // Who had the manifest has the blobs as well, most likely; the other scheme is settled.
      const { host } = access.endpoint;
      accesses = [access, ...accesses.filter((other) => other.endpoint.host !== host)];
      return answer;
    },
    fetchBlob: (blob, { signal }) => fetchBlob(accesses, { ...blob, repository, patience, signal }),
  };
}
