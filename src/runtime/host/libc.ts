/**
 * The room `runtime/host`: effects that only the runtime has. Mounts, device nodes, extended
 * attributes and conmon's SOCK_SEQPACKET socket through libc; namespaces through short-lived
 * processes, because a process with threads can neither setns nor unshare usefully.
 */
import { StatusError } from "../../errors/status-error.ts";

/** What libc takes here: numbers, flags and pointers to buffers (strings end in a zero byte). */
type LibcArgument = number | bigint | Uint8Array | null;

export interface Libc {
  /** Calls the function; the result and, where that is -1, the errno. */
  call(name: LibcFunction, ...args: readonly LibcArgument[]): LibcResult;
}

interface LibcResult {
  readonly value: number;
  readonly errno: number;
}

/** Arguments of the C prototypes: p pointer, i int, u unsigned int, l unsigned long or size_t. */
const PROTOTYPES = {
  socket: "iii",
  connect: "ipu",
  shutdown: "ii",
  mount: "ppplp",
  umount2: "pi",
  mknod: "pul",
  lsetxattr: "pppli",
  lgetxattr: "pppl",
  llistxattr: "ppl",
} as const;

/** Those that return ssize_t. */
const LONG_RESULTS: readonly string[] = ["lgetxattr", "llistxattr"];

type LibcFunction = keyof typeof PROTOTYPES;

const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/** The libc of this process: bun:ffi on Bun, koffi on Node, loaded here and not before. */
export function loadLibc(): Promise<Libc> {
  loaded ??= load();
  return loaded;
}

/** Loaded once: every dlopen would compile its trampolines anew and keep them. */
let loaded: Promise<Libc> | undefined;

async function load(): Promise<Libc> {
  return process.versions.bun === undefined ? await loadWithKoffi() : await loadWithBun();
}

/** A C string. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

async function loadWithBun(): Promise<Libc> {
  const { dlopen, read } = await import("bun:ffi");
  const types: Record<string, string> = { p: "ptr", i: "i32", u: "u32", l: "u64" };
  const signatures = Object.fromEntries(
    Object.entries(PROTOTYPES).map(([name, letters]) => [
      name,
      {
        args: [...letters].map((letter) => types[letter] ?? "ptr"),
        returns: LONG_RESULTS.includes(name) ? "i64" : "i32",
      },
    ]),
  );
  const { symbols } = openFirst((library) =>
    dlopen<string>(library, { ...signatures, __errno_location: { args: [], returns: "ptr" } }),
  );
  return {
    call(name, ...args) {
      const value = Number(symbols[name]?.(...args) ?? -1);
      const location = Number(symbols.__errno_location?.() ?? 0);
      return { value, errno: value === -1 ? read.i32(location, 0) : 0 };
    },
  };
}

async function loadWithKoffi(): Promise<Libc> {
  const { default: koffi } = await import("koffi").catch((cause: unknown) => {
    throw new StatusError("FailedPrecondition", "the native module koffi is not installed", {
      cause,
      hint: "install crish with its optional dependencies, or use the crish executable",
    });
  });
  const types: Record<string, string> = { p: "void *", i: "int", u: "uint", l: "ulong" };
  const library = openFirst((file) => koffi.load(file));
  const functions = Object.fromEntries(
    Object.entries(PROTOTYPES).map(([name, letters]) => [
      name,
      library.func(
        name,
        LONG_RESULTS.includes(name) ? "long" : "int",
        [...letters].map((letter) => types[letter] ?? "void *"),
      ),
    ]),
  );
  return {
    call(name, ...args) {
      const value = Number(functions[name]?.(...args) ?? -1);
      return { value, errno: value === -1 ? koffi.errno() : 0 };
    },
  };
}

function openFirst<T>(open: (library: string) => T): T {
  let cause: unknown;
  for (const library of LIBRARIES) {
    try {
      return open(library);
    } catch (error) {
      cause ??= error;
    }
  }
  throw new StatusError("Internal", "could not load the C library", { cause });
}
