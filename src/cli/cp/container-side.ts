import type { CopySource } from "./copy-source.ts";
import type { LossListener } from "./losses.ts";

/** The files of one container, however they are reached. */
export interface ContainerSide {
  /**
   * An archive of a path: of a directory's content its names begin with `.`, else with the last
   * name of the path.
   */
  read(path: string, options: ReadOptions): AsyncIterable<Buffer>;
  /** Copies the source to a path as docker cp has it; all of it belongs to root unless kept. */
  write(path: string, source: CopySource, options: WriteOptions): Promise<void>;
  /** Extracts an archive into a directory that is there, owners as it has them. */
  extract(path: string, archive: AsyncIterable<Buffer>, options: WriteOptions): Promise<void>;
  close(): void;
}

export interface ReadOptions extends LossListener {
  /** A link that the path names is followed. */
  readonly follow: boolean;
}

export interface WriteOptions {
  readonly keepOwners: boolean;
  readonly signal: AbortSignal;
  onSkip(name: string): void;
}
