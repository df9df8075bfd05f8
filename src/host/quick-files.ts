/**
 * What a short command does with files and descriptors, through Bun's own API: node:fs takes Bun two
 * milliseconds to load. What the API cannot do right is left to node:fs.
 */

/** The part of Bun that is used here. */
interface BunFiles {
  /** The size is infinite for what is no regular file, and 0 for what is not there. */
  file(place: number | string): { readonly size: number };
  mmap(path: string): Uint8Array;
  write(destination: object, bytes: Uint8Array): Promise<number>;
}

interface QuickFiles {
  /** node:tty would take three milliseconds to say it. */
  isTerminal(fd: number): boolean;
  /** Undefined for what is better read through node:fs. Throws the system's error where there is no file. */
  readText(path: string): string | undefined;
  output(fd: number): QuickOutput;
}

export interface QuickOutput {
  /**
   * Writes all of the bytes, and waits where a pipe is full. Resolves to false, with nothing written,
   * where the descriptor is none that can be written to like this, or not so many bytes. Rejects with the system's error.
   */
  write(bytes: Uint8Array): Promise<boolean>;
}

/** Undefined on Node, where node:fs costs nothing. */
export function quickFiles(): QuickFiles | undefined {
  const { Bun } = globalThis as { Bun?: BunFiles };
  return Bun === undefined ? undefined : quickFilesOf(Bun);
}

function quickFilesOf(bun: BunFiles): QuickFiles {
  const isRegular = (place: number | string) => bun.file(place).size !== Number.POSITIVE_INFINITY;
  return {
    isTerminal(fd) {
      const { binding } = process as unknown as { binding(name: string): TerminalBinding };
      return binding("tty_wrap").isTTY(fd);
    },
    readText(path) {
      if (path === "/dev/null") return "";
      if (!isRegular(path)) return undefined;
      try {
        return new TextDecoder().decode(bun.mmap(path));
      } catch (error) {
        // It opens for writing as well, which whoever may only read is refused: that, an empty file and
        // a file system without mmap are node:fs's.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
        return undefined;
      }
    },
    output(fd) {
      const isFile = isRegular(fd);
      // A pipe is opened anew, without blocking: that flag of the descriptor itself belongs to everyone who has it.
      const place = bun.file(isFile ? fd : `/proc/self/fd/${fd}`);
      return {
        async write(bytes) {
          if (isFile && bytes.length > MAX_FILE_BYTES) return false;
          return await writeParts(bytes, (part) => bun.write(place, part));
        },
      };
    },
  };
}

interface TerminalBinding {
  isTTY(fd: number): boolean;
}

/**
 * For more, Bun allocates room in a file first, and that from its beginning: what is appended (`>>`)
 * to an empty file then comes behind as many zeros.
 */
const MAX_FILE_BYTES = 1000;

/** PIPE_BUF: a pipe takes so many bytes at once or none of them. Of more, Bun may write a part twice. */
const PART_BYTES = 4096;

async function writeParts(
  bytes: Uint8Array,
  write: (part: Uint8Array) => Promise<number>,
): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    try {
      await write(bytes.subarray(at, at + PART_BYTES));
    } catch (error) {
      if (at === 0 && (error as NodeJS.ErrnoException).syscall === "open") return false;
      throw error;
    }
  }
  return true;
}
