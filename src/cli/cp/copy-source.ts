/** What is copied, as a tar archive. */
export interface CopySource {
  /** Its own name; undefined for the content of a directory. */
  readonly name: string | undefined;
  readonly isDirectory: boolean;
  /** An archive whose names begin with that; `.` for content. May be asked for once. */
  archive(archiveName: string): AsyncIterable<Buffer>;
  close(): void;
}
