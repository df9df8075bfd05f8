import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** A directory that becomes an archive: what it holds depends on nothing but its contents. */
export interface Stage {
  readonly directory: string;
  /** Writes a file, and the directories above it. Modes do not depend on the umask. */
  write(path: string, data: string | Buffer, mode?: number): void;
  /** The same, compressed, with ".gz" behind its name and no date within. */
  writeCompressed(path: string, data: string | Buffer): void;
  /** Gives everything in it one date. */
  date(seconds: number): void;
  /** Paths of the files below, sorted. */
  files(): string[];
}

export function openStage(directory: string): Stage {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const write: Stage["write"] = (path, data, mode = 0o644) => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, data);
    chmodSync(file, mode);
  };
  const everything = () => readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return {
    directory,
    write,
    writeCompressed: (path, data) => write(`${path}.gz`, gzipSync(data, { level: 9 })),
    date: (seconds) => {
      for (const path of ["", ...everything()].reverse()) {
        const entry = join(directory, path);
        if (statSync(entry).isDirectory()) chmodSync(entry, 0o755);
        lutimesSync(entry, seconds, seconds);
      }
    },
    files: () => everything().filter((path) => statSync(join(directory, path)).isFile()),
  };
}

/** The sum of the files, as a package manager says what an installation takes. */
export function sizeKiB(stage: Stage): number {
  const sizes = stage.files().map((path) => readFileSync(join(stage.directory, path)).length);
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}
