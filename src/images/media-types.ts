/** Media types of the OCI image specification and of Docker's schema 2, which says the same. */
export const INDEX_TYPES: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

export const MANIFEST_TYPES: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Schema 1 has neither digests of layers nor a config; registries have stopped serving it. */
export const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

const LAYER = "application/vnd.oci.image.layer.v1.tar";

/** Layers by what they are compressed with. */
export const LAYER_TYPES = { none: LAYER, gzip: `${LAYER}+gzip`, zstd: `${LAYER}+zstd` } as const;

export const PLAIN_LAYER_TYPES: readonly string[] = [
  LAYER,
  "application/vnd.docker.image.rootfs.diff.tar",
];

export const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
