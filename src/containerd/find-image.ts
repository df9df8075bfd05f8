import { hasCode, StatusError } from "../errors/status-error.ts";
import { formatDigestName, formatTagName, parseImageReference } from "../images/image-reference.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { describeImage } from "./describe-image.ts";
import { findImageRecord, type ImageRecord, listImageRecords } from "./image-records.ts";

/** An image and all that names it. */
export interface NativeImage {
  /** `sha256:…` of its config. */
  readonly id: string;
  /** Every record that means it, the one under its ID among them. */
  readonly records: readonly ImageRecord[];
}

const FULL_ID = /^(?:sha256:)?([0-9a-f]{64})$/;
const ID_PREFIX = /^(?:sha256:)?([0-9a-f]{3,63})$/;
const ID_NAME = /^sha256:[0-9a-f]{64}$/;

/**
 * The record that the reference means: a full ID, a name (short forms allowed), a unique prefix of an
 * ID, tried in this order. NotFound where there is none; InvalidArgument for a prefix of several or
 * for what is no reference at all.
 */
export async function getImageRecord(
  client: ContainerdClient,
  reference: string,
): Promise<ImageRecord> {
  const hex = FULL_ID.exec(reference)?.[1];
  const exact =
    hex === undefined
      ? await findByName(client, reference)
      : await findImageRecord(client, `sha256:${hex}`);
  if (exact !== undefined) return exact;
  const prefix = hex === undefined ? ID_PREFIX.exec(reference)?.[1] : undefined;
  const found = prefix === undefined ? [] : await findByPrefix(client, `sha256:${prefix}`);
  const [record, second] = found;
  if (second !== undefined) {
    throw new StatusError("InvalidArgument", `the image ID "${reference}" matches several images`);
  }
  if (record === undefined) throw new StatusError("NotFound", `no image "${reference}"`);
  return record;
}

/** The record that has the reference for its name, which an ID is not. */
export async function getNamedRecord(
  client: ContainerdClient,
  reference: string,
): Promise<ImageRecord> {
  const record = await findByName(client, reference);
  if (record !== undefined) return record;
  throw new StatusError("NotFound", `no image "${reference}"`);
}

/** All images, as far as their manifests are here. */
export async function listNativeImages(client: ContainerdClient): Promise<NativeImage[]> {
  const records = await listImageRecords(client);
  const idByTarget = new Map(
    records
      .filter(({ name }) => ID_NAME.test(name))
      .map(({ name, target }) => [target.digest, name]),
  );
  const images = new Map<string, ImageRecord[]>();
  for (const record of records) {
    const { digest } = record.target;
    const id = idByTarget.get(digest) ?? (await findImageId(client, record));
    if (id === undefined) continue;
    idByTarget.set(digest, id);
    const siblings = images.get(id);
    if (siblings === undefined) images.set(id, [record]);
    else siblings.push(record);
  }
  return [...images].map(([id, all]) => ({ id, records: all }));
}

export function isIdName(name: string): boolean {
  return ID_NAME.test(name);
}

/** Undefined for a record without content, or for another platform. */
async function findImageId(
  client: ContainerdClient,
  { target }: ImageRecord,
): Promise<string | undefined> {
  try {
    return (await describeImage(client, target)).id;
  } catch (error) {
    if (hasCode(error, "NotFound") || hasCode(error, "InvalidArgument")) return undefined;
    throw error;
  }
}

async function findByPrefix(client: ContainerdClient, prefix: string): Promise<ImageRecord[]> {
  const records = await listImageRecords(client);
  return records.filter(({ name }) => isIdName(name) && name.startsWith(prefix));
}

/** By the name in full, as CRI names images, or else by what other tools have left of one (`app:1`). */
async function findByName(
  client: ContainerdClient,
  reference: string,
): Promise<ImageRecord | undefined> {
  if (/^sha256:/.test(reference)) return undefined;
  const full = fullName(reference);
  const record = await findImageRecord(client, full);
  if (record !== undefined) return record;
  const records = await listImageRecords(client);
  return records.find(({ name }) => name === reference || isSameName(name, full));
}

/** `registry/repository:tag`, or with the digest. Throws InvalidArgument for what is no reference. */
export function fullName(reference: string): string {
  const parsed = parseImageReference(reference);
  const name =
    parsed.digest === undefined ? formatTagName(parsed) : formatDigestName(parsed, parsed.digest);
  return name ?? reference;
}

/** Whether a record's name, which may be any text, means this one in full. */
export function isSameName(recorded: string, full: string): boolean {
  try {
    return !isIdName(recorded) && fullName(recorded) === full;
  } catch {
    return false;
  }
}
