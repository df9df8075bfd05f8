/** Blobs by digest, as a backend keeps them. */
export interface ImageContent {
  /** The blob's size; undefined where it is not here. Its bytes are not looked at. */
  find(digest: string): Promise<number | undefined>;
  /** The whole of a small blob, verified. NotFound, or DigestMismatchError for a damaged one. */
  read(digest: string): Promise<Buffer>;
  /** The bytes from an offset on, unverified: whoever writes them somewhere compares the digest. */
  stream(digest: string, offset?: number): AsyncIterable<Uint8Array>;
}
