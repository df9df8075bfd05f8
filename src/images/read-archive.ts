import { posix } from "node:path";
import type { Readable } from "node:stream";
import { DigestMismatchError } from "../errors/digest-mismatch-error.ts";
import { StatusError } from "../errors/status-error.ts";
import { throwIfAborted, toCancelled } from "../host/sleep.ts";
import { decompress } from "../tar/decompress.ts";
import type { TarEntry } from "../tar/tar-entry.ts";
import { TarReader, type TarVisitor } from "../tar/tar-reader.ts";

/** A blob on its way into a store, its digest known at its end. */
export interface BlobSink {
  write(piece: Buffer): Promise<void>;
  /** Its digest and size so far. */
  describe(): StoredPart;
  /** Stores it under its digest, unless it is stored already. */
  commit(signal: AbortSignal): Promise<void>;
  /** Idempotent; does nothing after commit. */
  discard(): Promise<void>;
}

export interface ReadArchiveOptions {
  /** `expectedDigest` is what the archive promises, and is checked; a store may know it already. */
  openBlob(facts: { expectedDigest?: string; sizeBytes: number }): Promise<BlobSink>;
  signal: AbortSignal;
}

/** What an archive of images holds, by the names its manifests use. */
export interface ArchiveParts {
  /** The small JSON files at its top. */
  readonly documents: ReadonlyMap<string, Buffer>;
  /** Everything else, in the store by now. */
  readonly blobs: ReadonlyMap<string, StoredPart>;
  /** Old archives link equal layers instead of repeating them. */
  readonly links: ReadonlyMap<string, string>;
}

export interface StoredPart {
  readonly digest: string;
  readonly sizeBytes: number;
}

type Event =
  | { readonly kind: "begin"; readonly entry: TarEntry }
  | { readonly kind: "data"; readonly data: Buffer }
  | { readonly kind: "end" };

const LARGEST_DOCUMENT_BYTES = 8 * 1024 * 1024;

/**
 * Reads the archive to its end and stores what may be a blob; nothing of it is ever written under a
 * name that the archive chose. A failure leaves no unfinished blob, but those before it.
 */
export async function readArchive(
  archive: Readable,
  options: ReadArchiveOptions,
): Promise<ArchiveParts> {
  const events: Event[] = [];
  const visitor: TarVisitor = {
    onEntry: (entry) => events.push({ kind: "begin", entry }),
    onData: (data) => events.push({ kind: "data", data }),
    onEntryEnd: () => events.push({ kind: "end" }),
  };
  const reader = new TarReader(visitor);
  const collector = new PartCollector(options);
  try {
    for await (const chunk of decompress(toBuffers(archive, options.signal))) {
      throwIfAborted(options.signal);
      reader.push(chunk);
      for (const event of events.splice(0)) await collector.take(event);
    }
    reader.end();
    return collector.parts();
  } finally {
    await collector.discard();
  }
}

/** One entry at a time goes to memory or to the store. */
class PartCollector {
  readonly #options: ReadArchiveOptions;
  readonly #documents = new Map<string, Buffer>();
  readonly #blobs = new Map<string, StoredPart>();
  readonly #links = new Map<string, string>();
  #name = "";
  #pieces: Buffer[] | undefined;
  #expectedDigest: string | undefined;
  #blob: BlobSink | undefined;

  constructor(options: ReadArchiveOptions) {
    this.#options = options;
  }

  async take(event: Event): Promise<void> {
    if (event.kind === "begin") await this.#begin(event.entry);
    else if (event.kind === "end") await this.#end();
    else if (this.#pieces !== undefined) this.#pieces.push(Buffer.from(event.data));
    else await this.#blob?.write(event.data);
  }

  parts(): ArchiveParts {
    return { documents: this.#documents, blobs: this.#blobs, links: this.#links };
  }

  async discard(): Promise<void> {
    await this.#blob?.discard();
    this.#blob = undefined;
  }

  async #begin(entry: TarEntry): Promise<void> {
    this.#name = posix.normalize(entry.name).replace(/^(\.\/)+/, "");
    if (entry.type === "symlink") {
      this.#links.set(this.#name, posix.join(posix.dirname(this.#name), entry.linkName));
    } else if (entry.type === "hardlink") {
      this.#links.set(this.#name, posix.normalize(entry.linkName));
    } else if (entry.type === "file") {
      if (!isDocument(this.#name)) await this.#beginBlob(entry.sizeBytes);
      else if (entry.sizeBytes <= LARGEST_DOCUMENT_BYTES) this.#pieces = [];
      else throw new StatusError("InvalidArgument", `the archive's "${this.#name}" is too large`);
    }
  }

  async #beginBlob(sizeBytes: number): Promise<void> {
    const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(this.#name)?.[1];
    this.#expectedDigest = hex === undefined ? undefined : `sha256:${hex}`;
    this.#blob = await this.#options.openBlob({
      sizeBytes,
      ...(this.#expectedDigest === undefined ? {} : { expectedDigest: this.#expectedDigest }),
    });
  }

  async #end(): Promise<void> {
    if (this.#pieces !== undefined) this.#documents.set(this.#name, Buffer.concat(this.#pieces));
    this.#pieces = undefined;
    const blob = this.#blob;
    if (blob === undefined) return;
    const part = blob.describe();
    const expected = this.#expectedDigest ?? part.digest;
    if (expected !== part.digest) {
      throw new DigestMismatchError(`the archive's "${this.#name}"`, {
        expected,
        actual: part.digest,
      });
    }
    await blob.commit(this.#options.signal);
    this.#blob = undefined;
    this.#blobs.set(this.#name, part);
  }
}

function isDocument(name: string): boolean {
  return (
    !name.startsWith("blobs/") && /(^oci-layout|^repositories|\.json|\/VERSION|\/json)$/.test(name)
  );
}

/** Ends with the signal also where the archive is a pipe from which nothing comes. */
async function* toBuffers(archive: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  const pieces = archive[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const onAbort = () => aborted.reject(toCancelled(signal, signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      throwIfAborted(signal);
      const next = await Promise.race([pieces.next(), aborted.promise]);
      if (next.done === true) return;
      const chunk: unknown = next.value;
      yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // As leaving a loop over it would: a pipe that goes on would keep the process.
    archive.destroy();
  }
}
