import { createLogEntry, type LogStream, readLogEntry } from "../log-entry.ts";
import { type LogTime, zoneSeconds } from "../log-time.ts";
import {
  AT,
  INPUT_BYTES,
  type Kernel,
  loadKernel,
  SLACK_BYTES,
  STATE_BYTES,
  wantedBits,
} from "./load-kernel.ts";
import type { DecodedText } from "./plain-decoder.ts";

export interface LineDecoderOptions {
  readonly stream?: LogStream | undefined;
  /** Whether both streams are to come as stdout, in the order of the log. */
  readonly isShared: boolean;
  readonly timestamps: boolean;
  readonly since?: LogTime | undefined;
  readonly until?: LogTime | undefined;
}

/** Where the kernel keeps the two times and their zone. */
const SINCE = 64;
const UNTIL = 96;
const ZONE = 128;
const MAX_ZONE_BYTES = 8;
const ZERO = 48;
const NEWLINE = 10;
/** Years that are written with four digits, a day short for zones. */
const FIRST_SECOND = -62_167_132_800;
const LAST_SECOND = 253_402_214_400;

/**
 * Decodes whole lines at the speed of memory, and stops at what is not plainly a line: a part of one,
 * another format. The caller takes such bytes to the line cursor, and has `decode` go on behind them.
 */
export class LineDecoder {
  private readonly kernel: Kernel;
  private readonly options: LineDecoderOptions;
  private readonly entry = createLogEntry();
  private filled = STATE_BYTES;
  private zone = "";

  /** Undefined where this processor lacks the instructions, and for times that it cannot compare. */
  static create(options: LineDecoderOptions): LineDecoder | undefined {
    if (![options.since, options.until].every(isComparable)) return undefined;
    const kernel = loadKernel();
    return kernel === undefined ? undefined : new LineDecoder(kernel, options);
  }

  private constructor(kernel: Kernel, options: LineDecoderOptions) {
    this.kernel = kernel;
    this.options = options;
    const { state } = kernel;
    state[AT.isByLine] = 1;
    state[AT.hasStamps] = options.timestamps ? 1 : 0;
    state[AT.isShared] = options.isShared ? 1 : 0;
    state[AT.wanted] = wantedBits(options.stream);
    state[AT.bounds] =
      (options.since === undefined ? 0 : 1) + (options.until === undefined ? 0 : 2);
    state[AT.position] = STATE_BYTES;
  }

  /** Where to read the next bytes of the log to; never empty once the rest was taken. */
  get input(): Uint8Array {
    return this.kernel.bytes.subarray(this.filled, STATE_BYTES + INPUT_BYTES);
  }

  /** The first `count` bytes of `input` have come. */
  add(count: number): void {
    const { bytes } = this.kernel;
    this.filled += count;
    bytes.fill(0, this.filled, this.filled + SLACK_BYTES);
  }

  /**
   * Text of the lines up to the end of the input or to an odd line; valid until the next call. What is
   * left of the input is `rest`.
   */
  decode(): DecodedText {
    const { bytes, state, stdoutStart, stderrStart, decode } = this.kernel;
    state[AT.end] = this.filled;
    state[AT.stdout] = stdoutStart;
    state[AT.stderr] = stderrStart;
    state[AT.inText] = 0;
    while (decode() === 1 && this.takeZone());
    return {
      stdout: bytes.subarray(stdoutStart, state[AT.stdout]),
      stderr: bytes.subarray(stderrStart, state[AT.stderr]),
    };
  }

  /** What is not decoded yet: an odd line and what follows it, or the begin of a line. */
  get rest(): Buffer {
    return this.kernel.bytes.subarray(this.kernel.state[AT.position], this.filled);
  }

  /** Whether `rest` takes all of the memory: no line that long ends in it. */
  get isFull(): boolean {
    return this.rest.length === INPUT_BYTES;
  }

  /** The first bytes of `rest` are dealt with. */
  skip(count: number): void {
    this.kernel.state[AT.position] = (this.kernel.state[AT.position] as number) + count;
  }

  /** Makes room in `input`. */
  compact(): void {
    const { bytes, state } = this.kernel;
    const position = state[AT.position] as number;
    bytes.copyWithin(STATE_BYTES, position, this.filled);
    this.filled = STATE_BYTES + this.filled - position;
    state[AT.position] = STATE_BYTES;
  }

  /** Times are compared as text, in the zone of the line at the position. True where that is new. */
  private takeZone(): boolean {
    const { bytes, state } = this.kernel;
    const { since, until } = this.options;
    if (since === undefined && until === undefined) return false;
    const start = state[AT.position] as number;
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0 || newline >= this.filled) return false;
    readLogEntry(this.entry, bytes, start, newline);
    const { stamp, stampStart, stampEnd } = this.entry;
    if (stamp !== bytes || stampEnd - stampStart < 20) return false;
    let at = stampStart + 20;
    while (at < stampEnd && isDigit(bytes[at])) at++;
    const zone = bytes.toString("latin1", at, stampEnd);
    const offset = zoneSeconds(bytes, at, stampEnd);
    if (zone === this.zone || zone.length > MAX_ZONE_BYTES || offset === undefined) return false;
    this.zone = zone;
    bytes.fill(0, ZONE, ZONE + MAX_ZONE_BYTES);
    bytes.write(zone, ZONE, "latin1");
    state[AT.zoneBytes] = zone.length;
    this.writeBound(SINCE, since, offset);
    this.writeBound(UNTIL, until, offset);
    return true;
  }

  private writeBound(place: number, time: LogTime | undefined, offset: number): void {
    if (time === undefined) return;
    const { bytes } = this.kernel;
    const date = new Date((time.seconds + offset) * 1000).toISOString().slice(0, 19);
    bytes.fill(ZERO, place, place + 32);
    bytes.write(`${date}.${String(time.nanos).padStart(9, "0")}`, place, "latin1");
  }
}

function isComparable(time: LogTime | undefined): boolean {
  if (time === undefined) return true;
  const { seconds, nanos } = time;
  return (
    Number.isSafeInteger(seconds) &&
    Number.isInteger(nanos) &&
    seconds > FIRST_SECOND &&
    seconds < LAST_SECOND
  );
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 57;
}
