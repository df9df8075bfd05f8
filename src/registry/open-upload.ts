import { askInOrder } from "./ask-in-order.ts";
import { askRegistry, discardBody, type RegistryAccess } from "./ask-registry.ts";
import { createAuthorizer } from "./authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { hasManifest } from "./has-resource.ts";
import { type ManifestUpload, putManifest } from "./put-manifest.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { registryEndpoints } from "./registry-endpoint.ts";
import { DEFAULT_PATIENCE, type RegistryPatience, retry } from "./retry.ts";
import { type BlobUpload, uploadBlob } from "./upload-blob.ts";

type Ours = "repository" | "patience" | "signal";

/** One repository of a registry, for the time of one push. Holds no connection that needs closing. */
export interface RegistryUpload {
  /** Whether the repository has this manifest or index already, and so all that it names. */
  hasManifest(digest: string): Promise<boolean>;
  /** Brings a blob there; see `uploadBlob`. */
  uploadBlob(blob: Omit<BlobUpload, Ours>, signal: AbortSignal): Promise<"exists" | "uploaded">;
  putManifest(manifest: Omit<ManifestUpload, Ours>): Promise<void>;
}

/**
 * Finds the registry itself, which mirrors do not stand in for here, and proves who pushes before
 * anything is sent. Rejects with RegistryError.
 */
export async function openUpload(options: {
  /** As in references: `docker.io`, `127.0.0.1:5000`. */
  registry: string;
  repository: string;
  /** Other repositories of this registry that blobs may be mounted from. */
  mountFrom?: readonly string[];
  config?: RegistryConfig | undefined;
  credentials?: Credentials | undefined;
  patience?: RegistryPatience | undefined;
  signal?: AbortSignal | undefined;
}): Promise<RegistryUpload> {
  const { registry, repository, config, credentials, signal } = options;
  const patience = options.patience ?? DEFAULT_PATIENCE;
  const caFile = config?.caFile;
  const scopes = [
    `repository:${repository}:pull,push`,
    ...(options.mountFrom ?? []).map((other) => `repository:${other}:pull`),
  ];
  const own = registryEndpoints(registry, config).filter(({ isRegistry }) => isRegistry);
  const accesses = own.map((endpoint): RegistryAccess => {
    const authorizer = createAuthorizer({ endpoint, scopes, credentials, caFile });
    return { endpoint, caFile, purpose: "push", authorizer };
  });
  const { access } = await askInOrder(accesses, { patience, signal }, async (place) =>
    discardBody(
      await askRegistry(place, {
        path: "/v2/",
        what: `a push to "${repository}"`,
        signal,
        timeoutMs: patience.answerTimeoutMs,
      }),
    ),
  );
  const ours = { repository, patience, signal };
  return {
    hasManifest: (digest) => retry(() => hasManifest(access, { ...ours, digest }), ours),
    uploadBlob: (blob, stop) => uploadBlob(access, { ...ours, ...blob, signal: stop }),
    putManifest: (manifest) => retry(() => putManifest(access, { ...ours, ...manifest }), ours),
  };
}
