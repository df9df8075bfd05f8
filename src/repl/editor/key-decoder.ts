import { keyOfControlSequence, keyOfSingleShift } from "./escape-sequences.ts";
import { controlName, type Key, withAlt } from "./key.ts";

const ESC = 0x1b;
const BELL = 0x07;
const INTERRUPT = 0x03;
const DELETE = 0x7f;
const PASTE_BEGIN = "200";
const PASTE_END = Buffer.from("\x1b[201~");
/** A sequence of more bytes is none: it is dropped up to here. */
const LONGEST_SEQUENCE = 4096;

/** What is at the beginning of the bytes: a key or nothing, and how many bytes it took. */
interface Found {
  readonly size: number;
  readonly key?: Key;
}

/**
 * Bytes of a terminal to keys, one at a time, so that what stands behind a key can be left to
 * others. Sequences that are not known are swallowed whole. What is not complete waits for more
 * bytes; a lone Esc too, until `settle` says that nothing follows.
 */
export class KeyDecoder {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Of an unfinished paste: its parts so far. */
  #paste: Buffer[] | undefined;
  #isSettled = false;

  push(chunk: Uint8Array): void {
    this.#isSettled = false;
    // A paste whose end got lost would take every key: Ctrl-C by itself ends it.
    if (this.#paste !== undefined && chunk.length === 1 && chunk[0] === INTERRUPT) {
      this.takeRest();
    }
    const rest = this.#bytes.subarray(this.#at);
    this.#bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** The next key; undefined where there is none until more bytes come. */
  next(): Key | undefined {
    while (this.#at < this.#bytes.length) {
      const found = this.#paste === undefined ? this.#scan() : this.#scanPaste(this.#paste);
      if (found === undefined) return undefined;
      this.#at += found.size;
      if (found.key !== undefined) return found.key;
    }
    return undefined;
  }

  /** Whether there are bytes which only time can tell from the beginning of a sequence. */
  get isWaiting(): boolean {
    return this.#paste === undefined && this.#at < this.#bytes.length;
  }

  /** Whether all that waits is an Esc: a key by itself as often as the beginning of another. */
  get isWaitingAtEsc(): boolean {
    return this.isWaiting && this.#bytes.length === this.#at + 1 && this.#bytes[this.#at] === ESC;
  }

  /** Nothing follows any more: what waits is what it looks like now. */
  settle(): void {
    this.#isSettled = true;
  }

  /** The bytes that belong to no key yet; they are the caller's now. */
  takeRest(): Buffer {
    const rest = Buffer.concat([
      ...(this.#paste === undefined ? [] : [Buffer.from(`\x1b[${PASTE_BEGIN}~`), ...this.#paste]),
      this.#bytes.subarray(this.#at),
    ]);
    this.#bytes = Buffer.alloc(0);
    this.#at = 0;
    this.#paste = undefined;
    return rest;
  }

  #scan(): Found | undefined {
    const bytes = this.#bytes.subarray(this.#at);
    const first = bytes[0] ?? 0;
    if (first === ESC) return this.#scanEscape(bytes);
    if (isControl(first)) return { size: 1, key: { kind: "press", name: controlName(first) } };
    return scanText(bytes, this.#isSettled);
  }

  #scanEscape(bytes: Buffer): Found | undefined {
    const found = scanSequence(bytes);
    if (found?.key?.kind === "press" && found.key.name === "paste") {
      this.#paste = [];
      return { size: found.size };
    }
    if (found !== undefined || !this.#isSettled) return found;
    // What never became a sequence: Esc, Alt with the character that would begin one, or rubbish.
    if (bytes.length === 1) return { size: 1, key: { kind: "press", name: "Esc" } };
    if (bytes.length === 2 && bytes[1] !== ESC) return { size: 2, key: altKey(bytes[1] ?? 0) };
    if (bytes.length === 2) return { size: 2, key: { kind: "press", name: "Esc" } };
    return { size: bytes.length };
  }

  #scanPaste(parts: Buffer[]): Found | undefined {
    const bytes = this.#bytes.subarray(this.#at);
    const end = bytes.indexOf(PASTE_END);
    if (end >= 0) {
      this.#paste = undefined;
      const text = Buffer.concat([...parts, bytes.subarray(0, end)]).toString("utf8");
      return { size: end + PASTE_END.length, key: { kind: "paste", text } };
    }
    // The end may stand across two chunks: what could be its beginning stays.
    const size = Math.max(0, bytes.length - (PASTE_END.length - 1));
    parts.push(bytes.subarray(0, size));
    this.#at += size;
    return undefined;
  }
}

/** A run of characters; undefined while its only character is not complete. */
function scanText(bytes: Buffer, isSettled: boolean): Found | undefined {
  let size = 0;
  while (size < bytes.length && !isControl(bytes[size] ?? 0)) size++;
  const complete = size === bytes.length && !isSettled ? size - unfinishedBytes(bytes) : size;
  if (complete === 0) return undefined;
  const text = bytes.toString("utf8", 0, complete).replace(/[\u0080-\u009f]/g, "");
  return text === "" ? { size: complete } : { size: complete, key: { kind: "text", text } };
}

/** How many bytes at the end begin a UTF-8 character that is not complete. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < wanted ? back : 0;
  }
  return 0;
}

/** What begins with Esc; undefined while it can go on. */
function scanSequence(bytes: Buffer): Found | undefined {
  const kind = bytes[1];
  if (kind === undefined) return undefined;
  switch (String.fromCharCode(kind)) {
    case "[":
      return scanControlSequence(bytes);
    case "O":
      return scanSingleShift(bytes);
    case "]":
    case "P":
    case "X":
    case "^":
    case "_":
      return scanString(bytes);
    case "\x1b":
      return scanDoubleEscape(bytes);
    // Ctrl-C is never another key's end.
    case "\x03":
      return { size: 1, key: { kind: "press", name: "Esc" } };
    default:
      if (kind < 0x80) return { size: 2, key: altKey(kind) };
      return scanAltText(bytes);
  }
}

/** Esc before another sequence means Alt (rxvt, PuTTY); Esc twice by itself is one Esc. */
function scanDoubleEscape(bytes: Buffer): Found | undefined {
  if (bytes[2] !== undefined && bytes[2] !== 0x5b && bytes[2] !== 0x4f) {
    return { size: 1, key: { kind: "press", name: "Esc" } };
  }
  const inner = scanSequence(bytes.subarray(1));
  if (inner === undefined) return undefined;
  if (inner.key?.kind !== "press") return { size: inner.size + 1 };
  if (inner.key.name === "paste") return { size: 1, key: { kind: "press", name: "Esc" } };
  return { size: inner.size + 1, key: { kind: "press", name: withAlt(inner.key.name) } };
}

function scanControlSequence(bytes: Buffer): Found | undefined {
  // The Linux console's F1 to F5 are `ESC [ [ A` to `E`.
  if (bytes[2] === 0x5b) return bytes.length > 3 ? { size: 4 } : undefined;
  let at = 2;
  while (at < bytes.length && (bytes[at] ?? 0) >= 0x20 && (bytes[at] ?? 0) < 0x40) {
    // rxvt ends a sequence with what begins the end of others: `ESC [ 3 $`.
    if (bytes[at] === 0x24 && /^\d+$/.test(bytes.toString("latin1", 2, at))) break;
    at++;
  }
  const last = bytes[at];
  if (last === undefined) return at < LONGEST_SEQUENCE ? undefined : { size: at };
  // Something else begins inside: what stood before it is lost.
  if (last < 0x20 || last > 0x7e) return { size: at };
  const parameters = bytes.toString("latin1", 2, at);
  const final = String.fromCharCode(last);
  // The oldest report of the mouse has three more bytes.
  if (final === "M" && parameters === "") return bytes.length < 6 ? undefined : { size: 6 };
  const size = at + 1;
  if (final === "~" && parameters === PASTE_BEGIN) {
    return { size, key: { kind: "press", name: "paste" } };
  }
  return pressOf(size, keyOfControlSequence(parameters, final));
}

function scanSingleShift(bytes: Buffer): Found | undefined {
  let at = 2;
  while (at < bytes.length && (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39) at++;
  const last = bytes[at];
  if (last === undefined) return undefined;
  if (last < 0x20 || last > 0x7e) return { size: at };
  const name = keyOfSingleShift(bytes.toString("latin1", 2, at), String.fromCharCode(last));
  return pressOf(at + 1, name);
}

/** An answer or a title of the terminal, which BEL or `ESC \` ends. */
function scanString(bytes: Buffer): Found | undefined {
  for (let at = 2; at < bytes.length && at < LONGEST_SEQUENCE; at++) {
    if (bytes[at] === BELL) return { size: at + 1 };
    if (bytes[at] === ESC && at + 1 < bytes.length) {
      return { size: bytes[at + 1] === 0x5c ? at + 2 : at };
    }
  }
  return bytes.length < LONGEST_SEQUENCE ? undefined : { size: LONGEST_SEQUENCE };
}

function scanAltText(bytes: Buffer): Found | undefined {
  const first = bytes[1] ?? 0;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (bytes.length < 1 + size) return undefined;
  const name = `M-${bytes.toString("utf8", 1, 1 + size)}`;
  return { size: 1 + size, key: { kind: "press", name } };
}

function altKey(byte: number): Key {
  const name = isControl(byte) ? controlName(byte) : String.fromCharCode(byte);
  return { kind: "press", name: withAlt(name) };
}

function pressOf(size: number, name: string | undefined): Found {
  return name === undefined ? { size } : { size, key: { kind: "press", name } };
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === DELETE;
}
