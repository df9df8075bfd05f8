import { INDEX_TYPES, MANIFEST_TYPES } from "../images/media-types.ts";
import { type Descriptor, parseManifest } from "../images/parse-manifest.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { findBlobSize, readDocument, setContentLabels } from "./content.ts";

const REFERENCE = "containerd.io/gc.ref.content";

/**
 * Has each index and manifest below the target keep what it names, in labels as containerd's own
 * import sets them: garbage collection follows labels, and nothing else. What an index names and the
 * content store lacks is left out, as images of other platforms often are.
 */
export async function labelChildren(
  client: ContainerdClient,
  target: Pick<Descriptor, "digest" | "mediaType">,
): Promise<void> {
  const manifest = parseManifest(await readDocument(client, target.digest), target.mediaType);
  if (manifest.kind === "image") {
    const layers = manifest.layers.map(({ digest }, index) => [`${REFERENCE}.l.${index}`, digest]);
    const labels = {
      [`${REFERENCE}.config`]: manifest.config.digest,
      ...Object.fromEntries(layers),
    };
    await setContentLabels(client, target.digest, labels);
    return;
  }
  const labels: Record<string, string> = {};
  for (const [index, child] of manifest.manifests.entries()) {
    if ((await findBlobSize(client, child.digest)) === undefined) continue;
    const isKnown = [...MANIFEST_TYPES, ...INDEX_TYPES].includes(child.mediaType);
    if (isKnown) await labelChildren(client, child);
    labels[`${REFERENCE}.m.${index}`] = child.digest;
  }
  await setContentLabels(client, target.digest, labels);
}
