import type { ByteRange } from "./find-tail.ts";
import type { LogFile } from "./open-log-file.ts";

/** Bytes of one log file, in its order. */
export interface LogSection {
  /** Reads to the front of `target`; 0 at the end, of what is there at present. */
  read(target: Uint8Array): number | Promise<number>;
  close(): void;
}

/** Some ranges of a file; an end of Infinity goes on with what is appended. */
export class FileSection implements LogSection {
  readonly file: LogFile;
  private readonly ranges: readonly ByteRange[];
  private index = 0;
  private offset: number;

  constructor(file: LogFile, ranges: readonly ByteRange[]) {
    this.file = file;
    this.ranges = ranges;
    this.offset = ranges[0]?.start ?? 0;
  }

  read(target: Uint8Array): number {
    for (;;) {
      const range = this.ranges[this.index];
      if (range === undefined) return 0;
      const wanted = range.end - this.offset;
      const count =
        wanted === 0
          ? 0
          : this.file.read(
              wanted < target.length ? target.subarray(0, wanted) : target,
              this.offset,
            );
      this.offset += count;
      if (count > 0 || range.end === Number.POSITIVE_INFINITY) return count;
      this.index++;
      this.offset = this.ranges[this.index]?.start ?? 0;
    }
  }

  /** Begins again where the file is shorter now than what was read of it. Tells whether it is. */
  restartIfTruncated(): boolean {
    if (this.file.stat().size >= this.offset) return false;
    this.offset = 0;
    return true;
  }

  close(): void {
    this.file.close();
  }
}
