/**
 * The room `images`: names, records and the whole way from a reference to snapshots.
 *
 * It owns the tables `images`, `image_names` and `image_blobs`, pulling, loading, removing, and the
 * removal of content and snapshots that no image needs. An image is what its config's digest says;
 * tags move between images, a digest name stays. Knows nothing of containers: their snapshots keep
 * the layers below them alive.
 */
import type { DatabaseSync } from "node:sqlite";
import type { OciImageConfig } from "../../images/image-config.ts";
import type { ImageRecord } from "./image-record.ts";

/** What an image's row holds; its names lie in rows of their own. */
interface StoredImage {
  readonly version: 1;
  readonly sizeBytes: number;
  readonly chainId: string;
  readonly config: OciImageConfig;
  readonly createdAtNs: string;
  readonly pinned: boolean;
}

export interface NewImage {
  readonly id: string;
  readonly sizeBytes: number;
  readonly chainId: string;
  readonly config: OciImageConfig;
  readonly createdAtNs: bigint;
  /** Names it gets; a tag that another image has moves. */
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  /** Everything in the content store that it is made of. */
  readonly blobs: readonly string[];
}

/** Within a transaction: adds the image, or what is new of it. */
export function saveImage(db: DatabaseSync, image: NewImage): void {
  const stored: StoredImage = {
    version: 1,
    sizeBytes: image.sizeBytes,
    chainId: image.chainId,
    config: image.config,
    createdAtNs: String(image.createdAtNs),
    pinned: false,
  };
  db.prepare("INSERT OR IGNORE INTO images VALUES (?, ?, ?)").run(
    image.id,
    JSON.stringify(stored),
    image.createdAtNs,
  );
  const { id: imageId } = image;
  for (const name of image.tags) addImageName(db, { name, imageId, kind: "tag" });
  for (const name of image.digests) addImageName(db, { name, imageId, kind: "digest" });
  addImageBlobs(db, imageId, image.blobs);
}

/** Within a transaction: names the image, taking the name from any other. */
export function addImageName(
  db: DatabaseSync,
  { name, imageId, kind }: { name: string; imageId: string; kind: "tag" | "digest" },
): void {
  db.prepare("INSERT OR REPLACE INTO image_names VALUES (?, ?, ?)").run(name, imageId, kind);
}

/** Within a transaction: keeps those of the blobs that are stored as long as the image. */
export function addImageBlobs(db: DatabaseSync, imageId: string, digests: readonly string[]): void {
  const blob = db.prepare(
    "INSERT OR IGNORE INTO image_blobs SELECT ?, digest FROM blobs WHERE digest = ?",
  );
  for (const digest of digests) blob.run(imageId, digest);
}

/** Within a transaction: keeps them no longer for this image's sake. */
export function dropImageBlobs(
  db: DatabaseSync,
  imageId: string,
  digests: readonly string[],
): void {
  const blob = db.prepare("DELETE FROM image_blobs WHERE image_id = ? AND digest = ?");
  for (const digest of digests) blob.run(imageId, digest);
}

/** What the image keeps in the content store, by digest. */
export function listImageBlobs(
  db: DatabaseSync,
  imageId: string,
): { digest: string; sizeBytes: number }[] {
  return db
    .prepare(
      "SELECT digest, size_bytes FROM blobs JOIN image_blobs USING (digest) WHERE image_id = ? ORDER BY digest",
    )
    .all(imageId)
    .map((row) => ({ digest: String(row.digest), sizeBytes: Number(row.size_bytes) }));
}

/** Within a transaction: removes the image with all its names. */
export function deleteImage(db: DatabaseSync, id: string): void {
  db.prepare("DELETE FROM images WHERE id = ?").run(id);
  db.prepare("DELETE FROM image_names WHERE image_id = ?").run(id);
  db.prepare("DELETE FROM image_blobs WHERE image_id = ?").run(id);
}

export function findImageRow(db: DatabaseSync, id: string): ImageRecord | undefined {
  const row = db.prepare("SELECT id, record FROM images WHERE id = ?").get(id);
  return row === undefined ? undefined : toRecord(db, row);
}

/** Images whose ID begins so, two at most: enough to tell whether it is unique. */
export function findIdsByPrefix(db: DatabaseSync, prefix: string): string[] {
  return db
    .prepare("SELECT id FROM images WHERE substr(id, 1, ?) = ? ORDER BY id LIMIT 2")
    .all(prefix.length, prefix)
    .map((row) => String(row.id));
}

export function findIdByName(db: DatabaseSync, name: string): string | undefined {
  const row = db.prepare("SELECT image_id FROM image_names WHERE name = ?").get(name);
  return row === undefined ? undefined : String(row.image_id);
}

/** Oldest first. */
export function listImageRows(db: DatabaseSync): ImageRecord[] {
  return db
    .prepare("SELECT id, record FROM images ORDER BY created_at_ns, id")
    .all()
    .map((row) => toRecord(db, row));
}

/** By image ID. */
export function listFirstDigestRows(db: DatabaseSync): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  const rows = db
    .prepare("SELECT image_id, min(name) AS name FROM image_names WHERE kind = ? GROUP BY image_id")
    .all("digest");
  for (const row of rows) digests.set(String(row.image_id), String(row.name));
  return digests;
}

function toRecord(db: DatabaseSync, row: Record<string, unknown>): ImageRecord {
  const id = String(row.id);
  const stored = JSON.parse(String(row.record)) as StoredImage;
  const names = db
    .prepare("SELECT name, kind FROM image_names WHERE image_id = ? ORDER BY name")
    .all(id);
  const ofKind = (kind: string) =>
    names.filter((name) => name.kind === kind).map((name) => String(name.name));
  return {
    id,
    tags: ofKind("tag"),
    digests: ofKind("digest"),
    sizeBytes: stored.sizeBytes,
    chainId: stored.chainId,
    config: stored.config,
    createdAtNs: BigInt(stored.createdAtNs),
    pinned: stored.pinned,
  };
}
