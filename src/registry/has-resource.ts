import { INDEX_TYPES, MANIFEST_TYPES } from "../images/media-types.ts";
import { askRegistry, discardBody, type RegistryAccess } from "./ask-registry.ts";
import { RegistryError } from "./registry-error.ts";
import type { RegistryPatience } from "./retry.ts";

interface Wanted {
  readonly repository: string;
  readonly digest: string;
  readonly patience: RegistryPatience;
  readonly signal?: AbortSignal | undefined;
}

/** Whether the repository has the blob. */
export function hasBlob(access: RegistryAccess, wanted: Wanted): Promise<boolean> {
  const path = `/v2/${wanted.repository}/blobs/${wanted.digest}`;
  return exists(access, wanted, { path, what: `blob "${wanted.digest}"`, headers: {} });
}

/** Whether the repository has the manifest or index, and so all that it names. */
export function hasManifest(access: RegistryAccess, wanted: Wanted): Promise<boolean> {
  const path = `/v2/${wanted.repository}/manifests/${wanted.digest}`;
  const headers = { accept: [...INDEX_TYPES, ...MANIFEST_TYPES].join(", ") };
  return exists(access, wanted, { path, what: `manifest "${wanted.digest}"`, headers });
}

async function exists(
  access: RegistryAccess,
  { patience, signal }: Wanted,
  question: { path: string; what: string; headers: Readonly<Record<string, string>> },
): Promise<boolean> {
  try {
    const timeoutMs = patience.answerTimeoutMs;
    await discardBody(
      await askRegistry(access, { ...question, method: "HEAD", signal, timeoutMs }),
    );
    return true;
  } catch (error) {
    if (error instanceof RegistryError && error.httpStatus === 404) return false;
    throw error;
  }
}
