import { createLogEntry, type LogStream, readLogEntry } from "../log-entry.ts";
import { DECODE_ENTRIES_WASM } from "./decode-entries-wasm.ts";

/** The text of both streams; valid until the next call. */
export interface DecodedText {
  readonly stdout: Uint8Array;
  /** Empty where both streams share a place. */
  readonly stderr: Uint8Array;
}

/**
 * A log's text without its headers, in constant memory whatever the length of its lines. A line is
 * not waited for: what has arrived of it is passed on.
 */
export interface PlainDecoder {
  /** Where to read the next bytes of the log to; never empty. */
  readonly input: Uint8Array;
  /** Decodes the first `count` bytes of `input`. */
  decode(count: number): DecodedText;
}

export interface PlainOptions {
  readonly stream?: LogStream | undefined;
  /** Whether both streams are to come as stdout, in the order of the log. */
  readonly isShared: boolean;
}

const INPUT_BYTES = 256 * 1024;
const STATE_BYTES = 64;
/** Behind the input and the outputs, for what the kernel reads and writes past their ends. */
const SLACK_BYTES = 64;
/** JSON may hold bytes that are no UTF-8: each becomes three. */
const OUTPUT_BYTES = INPUT_BYTES * 3;
const PAGE_BYTES = 65_536;
const NEWLINE = 10;

/** The places of decode-entries.wat's state. */
const AT = {
  position: 0,
  end: 1,
  stdout: 2,
  stderr: 3,
  inText: 4,
  stream: 5,
  isPart: 6,
  isShared: 7,
  wanted: 8,
} as const;

/** Undefined where this processor or runtime lacks the instructions. */
export function createPlainDecoder(options: PlainOptions): PlainDecoder | undefined {
  const kernel = loadKernel();
  return kernel === undefined ? undefined : decoderOn(kernel, options);
}

/** The part of WebAssembly's API that is used here, which the types of Node leave out. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  decode(): number;
}

function loadKernel(): Kernel | undefined {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  try {
    const module = new WebAssembly.Module(Buffer.from(DECODE_ENTRIES_WASM, "base64"));
    return new WebAssembly.Instance(module).exports as Kernel;
  } catch {
    return undefined;
  }
}

function decoderOn({ memory, decode }: Kernel, options: PlainOptions): PlainDecoder {
  const stdoutStart = STATE_BYTES + INPUT_BYTES + SLACK_BYTES;
  const stderrStart = stdoutStart + OUTPUT_BYTES + SLACK_BYTES;
  const sizeBytes = stderrStart + OUTPUT_BYTES + SLACK_BYTES;
  memory.grow(Math.ceil(sizeBytes / PAGE_BYTES) - 1);
  const bytes = Buffer.from(memory.buffer);
  const state = new Int32Array(memory.buffer, 0, STATE_BYTES / 4);
  const { stream } = options;
  state[AT.isShared] = options.isShared ? 1 : 0;
  state[AT.wanted] = stream === undefined ? 3 : stream === "stdout" ? 1 : 2;
  const entry = createLogEntry();
  let filled = STATE_BYTES;
  let input = bytes.subarray(0, filled);

  /** Decodes what the kernel does not; false where the rest is the begin of a line. */
  const decodeOdd = (): boolean => {
    const start = state[AT.position] as number;
    const newline = input.indexOf(NEWLINE, start);
    if (newline < 0) {
      // Where no end of the line fits in, it is no entry that anyone writes: shown as it comes.
      const isWhole = start === STATE_BYTES && filled === STATE_BYTES + INPUT_BYTES;
      if (!isWhole) return false;
    }
    readLogEntry(entry, bytes, start, newline < 0 ? filled : newline, stream);
    state[AT.stream] = entry.stream === "stderr" ? 1 : 0;
    state[AT.isPart] = entry.isPart ? 1 : 0;
    if (entry.bytes === bytes) {
      state[AT.position] = entry.start;
      state[AT.inText] = 1;
      return true;
    }
    if (stream === undefined || stream === entry.stream) appendText();
    state[AT.position] = newline + 1;
    return true;
  };
  const appendText = () => {
    const place = entry.stream === "stderr" && !options.isShared ? AT.stderr : AT.stdout;
    const to = state[place] as number;
    // A newline stands behind the text of a whole line.
    const text = entry.bytes.subarray(entry.start, entry.isPart ? entry.end : entry.end + 1);
    bytes.set(text, to);
    state[place] = to + text.length;
  };

  return {
    get input() {
      return bytes.subarray(filled, STATE_BYTES + INPUT_BYTES);
    },
    decode(count) {
      filled += count;
      input = bytes.subarray(0, filled);
      bytes.fill(0, filled, filled + SLACK_BYTES);
      state[AT.position] = STATE_BYTES;
      state[AT.end] = filled;
      state[AT.stdout] = stdoutStart;
      state[AT.stderr] = stderrStart;
      while (decode() === 1 && decodeOdd());
      const position = state[AT.position] as number;
      bytes.copyWithin(STATE_BYTES, position, filled);
      filled = STATE_BYTES + filled - position;
      return {
        stdout: bytes.subarray(stdoutStart, state[AT.stdout]),
        stderr: bytes.subarray(stderrStart, state[AT.stderr]),
      };
    },
  };
}
