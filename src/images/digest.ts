/**
 * The room `images`: what images are made of, as the OCI image specification has it, for every
 * backend that keeps images itself. It owns digests, names, manifests, platforms and configs, reads
 * and writes them, and touches no store and no network.
 */
import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { StatusError } from "../errors/status-error.ts";
import { sha256Hex } from "../host/sha256.ts";

/** `sha256:` and 64 lower-case hex digits (image-spec, descriptor.md); no other algorithm is taken. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Throws InvalidArgument for anything that is not a SHA-256 digest. */
export function parseDigest(value: unknown, what: string): string {
  if (typeof value === "string" && isDigest(value)) return value;
  throw new StatusError("InvalidArgument", `${what} has no SHA-256 digest`);
}

export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${sha256Hex(bytes)}`;
}

export function verifyDigest(bytes: Uint8Array, expected: string, what: string): void {
  const actual = digestOf(bytes);
  if (actual !== expected) throw new DigestMismatchError(what, { expected, actual });
}

/** The hex part, for file names. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/**
 * Chain IDs of a stack of layers, lowest first (image-spec, config.md): the first is the diff ID,
 * each further one the digest of its parent's chain ID, a space and its own diff ID.
 */
export function toChainIds(diffIds: readonly string[]): string[] {
  const chainIds: string[] = [];
  let parent: string | undefined;
  for (const diffId of diffIds) {
    parent = parent === undefined ? diffId : digestOf(`${parent} ${diffId}`);
    chainIds.push(parent);
  }
  return chainIds;
}
