import { askInOrder } from "./ask-in-order.ts";
import { askRegistry, discardBody, type RegistryAccess } from "./ask-registry.ts";
import { createAuthorizer } from "./authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { hasManifest } from "./has-resource.ts";
import { type ManifestUpload, putManifest } from "./put-manifest.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { type RegistryEndpoint, registryEndpoints } from "./registry-endpoint.ts";
import { trustOf } from "./registry-trust.ts";
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
  /** Where to push in place of the registry as it is known: what its node says of it. */
  endpoints?: readonly RegistryEndpoint[] | undefined;
  credentials?: Credentials | undefined;
  patience?: RegistryPatience | undefined;
  signal?: AbortSignal | undefined;
}): Promise<RegistryUpload> {
  const { registry, repository, config, credentials, signal } = options;
  const patience = options.patience ?? DEFAULT_PATIENCE;
  const scopes = [
    `repository:${repository}:pull,push`,
    ...(options.mountFrom ?? []).map((other) => `repository:${other}:pull`),
  ];
  const own = registryEndpoints(registry, config).filter(({ isRegistry }) => isRegistry);
  const accesses = (options.endpoints ?? own).map((endpoint): RegistryAccess => {
    const trust = endpoint.trust ?? trustOf(config);
    const proof = endpoint.isRegistry ? credentials : undefined;
    const authorizer = createAuthorizer({ endpoint, scopes, credentials: proof, trust });
    return { endpoint, trust, purpose: "push", authorizer };
  });
  const access = await findAccess(accesses, { repository, patience, signal });
  const ours = { repository, patience, signal };
  return {
    hasManifest: (digest) => retry(() => hasManifest(access, { ...ours, digest }), ours),
    uploadBlob: (blob, stop) => uploadBlob(access, { ...ours, ...blob, signal: stop }),
    putManifest: (manifest) => retry(() => putManifest(access, { ...ours, ...manifest }), ours),
  };
}

/** The first that answers. What stands for `/v2` itself need not answer there: it is not asked. */
async function findAccess(
  accesses: readonly RegistryAccess[],
  { repository, patience, signal }: Pick<BlobUpload, Ours>,
): Promise<RegistryAccess> {
  const [first] = accesses;
  if (first?.endpoint.replacesVersion === true) return first;
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
  return access;
}
