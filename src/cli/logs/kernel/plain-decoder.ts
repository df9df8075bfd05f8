import { createLogEntry, type LogStream, readLogEntry } from "../log-entry.ts";
import {
  AT,
  INPUT_BYTES,
  type Kernel,
  loadKernel,
  SLACK_BYTES,
  STATE_BYTES,
  wantedBits,
} from "./load-kernel.ts";

/** The text of both streams; valid until the next call. */
export interface DecodedText {
  readonly stdout: Buffer;
  /** Empty where both streams share a place. */
  readonly stderr: Buffer;
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

const NEWLINE = 10;

/** Undefined where this processor or runtime lacks the instructions. */
export function createPlainDecoder(options: PlainOptions): PlainDecoder | undefined {
  const kernel = loadKernel();
  return kernel === undefined ? undefined : decoderOn(kernel, options);
}

function decoderOn(kernel: Kernel, options: PlainOptions): PlainDecoder {
  const { bytes, state, stdoutStart, stderrStart, decode } = kernel;
  const { stream } = options;
  state[AT.isShared] = options.isShared ? 1 : 0;
  state[AT.wanted] = wantedBits(stream);
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
