import { StatusError } from "../../errors/status-error.ts";
import {
  formatDigestName,
  formatTagName,
  parseImageReference,
  repositoryName,
} from "../../images/image-reference.ts";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { findIdByName, findIdsByPrefix, findImageRow } from "./image-store.ts";

const FULL_ID = /^(?:sha256:)?([0-9a-f]{64})$/;
const ID_PREFIX = /^(?:sha256:)?([0-9a-f]{3,63})$/;

/**
 * The image by full ID, by name (tag or digest, short forms allowed) or by a unique prefix of its ID,
 * tried in this order. Undefined where there is none; InvalidArgument for a prefix of several or for
 * what is no reference at all.
 */
export function findImage(engine: Engine, reference: string): ImageRecord | undefined {
  return engine.database.read((db) => {
    const full = FULL_ID.exec(reference)?.[1];
    if (full !== undefined) return findImageRow(db, `sha256:${full}`);
    const byName = findByName(reference, (name) => findIdByName(db, name));
    if (byName !== undefined) return findImageRow(db, byName);
    const prefix = ID_PREFIX.exec(reference)?.[1];
    if (prefix === undefined) return undefined;
    const [id, second] = findIdsByPrefix(db, `sha256:${prefix}`);
    if (second !== undefined) {
      throw new StatusError(
        "InvalidArgument",
        `the image ID "${reference}" matches several images`,
      );
    }
    return id === undefined ? undefined : findImageRow(db, id);
  });
}

/** Like findImage, but throws NotFound. */
export function getImage(engine: Engine, reference: string): ImageRecord {
  const image = findImage(engine, reference);
  if (image !== undefined) return image;
  throw new StatusError("NotFound", `no image "${reference}"`);
}

export interface NamedImage {
  readonly image: ImageRecord;
  /** The tag that the reference spells; undefined where it is an ID or a digest. */
  readonly tag: string | undefined;
  /** `registry/repository` of the tag or digest; undefined where the reference is an ID. */
  readonly repository: string | undefined;
}

/** The image and how the reference calls it. NotFound. */
export function getNamedImage(engine: Engine, reference: string): NamedImage {
  const image = getImage(engine, reference);
  const nameless = { image, tag: undefined, repository: undefined };
  if (FULL_ID.test(reference) || reference.startsWith("sha256:")) return nameless;
  const parsed = parseImageReference(reference);
  const tag = formatTagName(parsed);
  if (tag !== undefined && !image.tags.includes(tag)) return nameless;
  return { image, tag, repository: repositoryName(parsed) };
}

function findByName(
  reference: string,
  find: (name: string) => string | undefined,
): string | undefined {
  if (/^sha256:/.test(reference)) return undefined;
  const parsed = parseImageReference(reference);
  const name =
    parsed.digest === undefined ? formatTagName(parsed) : formatDigestName(parsed, parsed.digest);
  return name === undefined ? undefined : find(name);
}
