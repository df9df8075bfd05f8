import { StatusError } from "../errors/status-error.ts";
import { isDigest } from "./digest.ts";

/**
 * A parsed image reference, with what Docker's short forms leave out spelled out: `busybox` is
 * `docker.io/library/busybox:latest`. With a digest there is no tag: the digest alone decides, also
 * where both were given.
 */
export interface ImageReference {
  /** Host, with port where given: `docker.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

// The grammar of the distribution project's reference package.
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const HOST =
  /^(?:(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const LONGEST_NAME = 255;

/** Throws InvalidArgument with the reason; never more than 80 characters of the text are repeated. */
export function parseImageReference(text: string): ImageReference {
  const fail = (reason: string, hint?: string) => refuse(text, reason, hint);
  if (text === "") throw fail("is empty");
  if (/[\s\p{Cc}]/u.test(text)) throw fail("has white space or control characters in it");
  if (/^[a-z]+:\/\//i.test(text)) {
    throw fail("begins with a scheme", "leave it out: registry/repository:tag");
  }
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) {
    throw fail("has a malformed digest", "a digest is sha256: and 64 hexadecimal digits");
  }
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) throw fail("has a malformed tag");
  const { registry, repository } = splitName(name, fail);
  return {
    registry,
    repository,
    tag: digest === undefined ? (tag ?? "latest") : undefined,
    digest,
  };
}

function splitName(
  name: string,
  fail: (reason: string, hint?: string) => StatusError,
): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = /[.:A-Z]/.test(first) || first === "localhost";
  const host = isHost ? first : "docker.io";
  const path = isHost ? name.slice(slash + 1) : name;
  if (!HOST.test(host) || Number(/:(\d+)$/.exec(host)?.[1] ?? 0) > 65_535) {
    throw fail("has a malformed registry");
  }
  if (/[A-Z]/.test(path)) throw fail("has capital letters in its repository");
  if (!path.split("/").every((component) => COMPONENT.test(component))) {
    throw fail("has a malformed repository");
  }
  if (!name.includes("/") && /^[0-9a-f]{64}$/.test(name)) {
    throw fail("is an image ID, not a name");
  }
  const registry = host === "index.docker.io" ? "docker.io" : host;
  const isOfficial = registry === "docker.io" && !path.includes("/");
  const repository = isOfficial ? `library/${path}` : path;
  if (registry.length + repository.length + 1 > LONGEST_NAME)
    throw fail("has a name that is too long");
  return { registry, repository };
}

/** `registry/repository:tag`; undefined for a reference by digest. */
export function formatTagName(reference: ImageReference): string | undefined {
  return reference.tag === undefined ? undefined : `${repositoryName(reference)}:${reference.tag}`;
}

/** `registry/repository@sha256:…`. */
export function formatDigestName(reference: ImageReference, digest: string): string {
  return `${repositoryName(reference)}@${digest}`;
}

/** `registry/repository`. */
export function repositoryName(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}`;
}

function refuse(text: string, reason: string, hint: string | undefined): StatusError {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  const printable = shown.replaceAll(/\p{Cc}/gu, "?");
  return new StatusError("InvalidArgument", `the image reference "${printable}" ${reason}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}
