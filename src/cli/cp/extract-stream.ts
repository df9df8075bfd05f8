import { setImmediate } from "node:timers/promises";
import type { DirectoryHandle } from "../../host/directory-handle.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import type { TarEntry } from "../../tar/tar-entry.ts";
import { TarReader, type TarVisitor } from "../../tar/tar-reader.ts";
import { toLatin } from "./parse-place.ts";
import { type ExtractOptions, TreeExtractor } from "./tree-extractor.ts";

export interface Destination {
  readonly base: DirectoryHandle;
  /** The first part of all names below the base; undefined where the content lies directly there. */
  readonly name: string | undefined;
}

export interface ExtractStreamOptions extends Omit<ExtractOptions, "place"> {
  /** The first part of the names in the archive; undefined for the content of a directory. */
  readonly sourceName: string | undefined;
  readonly signal: AbortSignal;
  /** Decides by the first entry where the archive goes; the base is closed at the end. */
  choose(isDirectory: boolean): Destination;
}

/** Writes an archive as it comes. Where it fails, or the signal aborts, no half file is left. */
export async function extractStream(
  archive: AsyncIterable<Buffer>,
  options: ExtractStreamOptions,
): Promise<void> {
  let destination: Destination | undefined;
  let extractor: TreeExtractor | undefined;
  const begin = (entry: TarEntry): TreeExtractor => {
    destination = options.choose(entry.type === "directory");
    const { name } = destination;
    const place = (parts: readonly string[]) => [
      ...(name === undefined ? [] : [toLatin(name)]),
      ...(options.sourceName === undefined ? parts : parts.slice(1)),
    ];
    return new TreeExtractor(destination.base, { ...options, place });
  };
  const visitor: TarVisitor = {
    onEntry(entry) {
      extractor ??= begin(entry);
      extractor.onEntry(entry);
    },
    onData: (data) => extractor?.onData(data),
    onEntryEnd: () => extractor?.onEntryEnd(),
  };
  const reader = new TarReader(visitor);
  try {
    for await (const chunk of archive) {
      // Reading and writing are synchronous: Ctrl-C and the progress need a turn.
      await setImmediate();
      throwIfAborted(options.signal);
      reader.push(chunk);
    }
    reader.end();
    extractor?.finish();
  } finally {
    extractor?.close();
    destination?.base.close();
  }
}
