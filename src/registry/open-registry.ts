/**
 * The room `registry`: a client of the OCI distribution specification (pull only) and of the token
 * flow that registries use with it.
 *
 * It owns endpoints and mirrors, credentials and tokens, retries, manifests and platforms. It hands
 * blobs on as they come: verifying them is for whoever stores them. It refuses redirects from https
 * to http and never sends a proof of identity to another host than asked for it. Knows nothing of
 * image names, stores or layers, nor which backend asks.
 */

import { createAuthorizer } from "./authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { type FetchedManifest, fetchManifest } from "./fetch-manifest.ts";
import type { RegistryAccess } from "./get-resource.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { registryEndpoints } from "./registry-endpoint.ts";
import { RegistryError } from "./registry-error.ts";
import { DEFAULT_PATIENCE, type RegistryPatience, retry } from "./retry.ts";

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
  let accesses: RegistryAccess[] = registryEndpoints(registry, config).map((endpoint) => {
    const caFile = config?.caFile;
    const own = endpoint.isRegistry ? credentials : undefined;
    return {
      endpoint,
      caFile,
      authorizer: createAuthorizer({ endpoint, repository, credentials: own, caFile }),
    };
  });

  return {
    async fetchManifest(reference, { signal }) {
      const failures: Failure[] = [];
      for (const access of accesses) {
        try {
          const request = { repository, reference, patience, signal };
          const manifest = await retry(() => fetchManifest(access, request), {
            patience,
            signal,
            // A server of the other scheme hangs up: it is asked in that scheme, not again.
            isFinal: (error) => hasOtherScheme(access, accesses) && !isAnswer(error),
          });
          // Who had the manifest has the blobs as well, most likely; the other scheme is settled.
          const { host } = access.endpoint;
          accesses = [access, ...accesses.filter((other) => other.endpoint.host !== host)];
          return manifest;
        } catch (error) {
          if (!mayBeElsewhere(error, access)) throw error;
          failures.push({ error, isRegistry: access.endpoint.isRegistry });
        }
      }
      throw tellingFailure(failures);
    },
    fetchBlob: (blob, { signal }) => fetchBlob(accesses, { ...blob, repository, patience, signal }),
  };
}

/** A mirror's refusal is no answer; the registry's own is, unless it was asked in the wrong scheme. */
function mayBeElsewhere(error: unknown, access: RegistryAccess): boolean {
  if (!(error instanceof RegistryError)) return false;
  if (!access.endpoint.isRegistry) return true;
  return error.httpStatus === undefined || error.httpStatus === 400;
}

interface Failure {
  readonly error: unknown;
  readonly isRegistry: boolean;
}

/** The registry's own failure before a mirror's; of two schemes the one that it speaks. */
function tellingFailure(failures: readonly Failure[]): unknown {
  const own = failures.filter(({ isRegistry }) => isRegistry);
  const spoken = own.filter(
    ({ error }) => !(error instanceof RegistryError && error.isWrongScheme),
  );
  return (spoken.at(-1) ?? own[0] ?? failures[0])?.error;
}

function isAnswer(error: unknown): boolean {
  return error instanceof RegistryError && error.httpStatus !== undefined;
}

function hasOtherScheme(access: RegistryAccess, accesses: readonly RegistryAccess[]): boolean {
  const later = accesses.slice(accesses.indexOf(access) + 1);
  return later.some(({ endpoint }) => endpoint.host === access.endpoint.host);
}
