import { DECODE_ENTRIES_WASM } from "./decode-entries-wasm.ts";

/** The decoder of decode-entries.wat with its memory: state, input, and the output of both streams. */
export interface Kernel {
  readonly bytes: Buffer;
  /** 32-bit integers, at the places that AT names. */
  readonly state: Int32Array;
  readonly stdoutStart: number;
  readonly stderrStart: number;
  /** 0 where the input is used up, 1 where the line at `position` is odd. */
  decode(): number;
}

export const INPUT_BYTES = 256 * 1024;
/** The input begins behind the state. */
export const STATE_BYTES = 256;
/** Behind the input and the outputs, for what the kernel reads and writes past their ends. */
export const SLACK_BYTES = 64;
/** JSON may hold bytes that are no UTF-8: each becomes three. */
const OUTPUT_BYTES = INPUT_BYTES * 3;
const PAGE_BYTES = 65_536;

/** The places of decode-entries.wat's state. */
export const AT = {
  position: 0,
  end: 1,
  stdout: 2,
  stderr: 3,
  inText: 4,
  stream: 5,
  isPart: 6,
  isShared: 7,
  wanted: 8,
  isByLine: 9,
  hasStamps: 10,
  bounds: 11,
  zoneBytes: 12,
} as const;

/** The part of WebAssembly's API that is used here, which the types of Node leave out. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  decode(): number;
}

/** Undefined where this processor or runtime lacks the instructions. */
export function loadKernel(): Kernel | undefined {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  let exports: Exports;
  try {
    const module = new WebAssembly.Module(Buffer.from(DECODE_ENTRIES_WASM, "base64"));
    exports = new WebAssembly.Instance(module).exports as Exports;
  } catch {
    return undefined;
  }
  const { memory, decode } = exports;
  const stdoutStart = STATE_BYTES + INPUT_BYTES + SLACK_BYTES;
  const stderrStart = stdoutStart + OUTPUT_BYTES + SLACK_BYTES;
  const sizeBytes = stderrStart + OUTPUT_BYTES + SLACK_BYTES;
  memory.grow(Math.ceil(sizeBytes / PAGE_BYTES) - 1);
  return {
    bytes: Buffer.from(memory.buffer),
    state: new Int32Array(memory.buffer, 0, STATE_BYTES / 4),
    stdoutStart,
    stderrStart,
    decode,
  };
}

/** Which streams are wanted, as the state has it. */
export function wantedBits(stream: "stdout" | "stderr" | undefined): number {
  return stream === undefined ? 3 : stream === "stdout" ? 1 : 2;
}
