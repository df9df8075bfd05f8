import type { ByteBuffer } from "./byte-buffer.ts";
import type { LineMatcher } from "./line-matcher.ts";
import type { LinePrinter, LogOrigin } from "./line-printer.ts";
import type { LogStream } from "./log-entry.ts";
import type { OutputBuffers } from "./output-buffers.ts";

/**
 * One object per line on stdout: time (where the log has it), stream, namespace, pod, container, log.
 * A piece of a line that is too long for one object says `"isPart": true` unless it is the last.
 */
export function createJsonPrinter(
  output: OutputBuffers,
  options: { readonly matcher?: LineMatcher | undefined; readonly limitBytes?: number | undefined },
): LinePrinter {
  let remaining = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const middles = new Map<LogOrigin, Record<LogStream, Buffer>>();
  return {
    get isDone() {
      return remaining <= 0;
    },
    print(line, origin) {
      if (options.matcher !== undefined && options.matcher.match(line) === undefined) return;
      const buffer = output.to("stdout");
      const before = buffer.length;
      let middle = middles.get(origin);
      if (middle === undefined) {
        middle = { stdout: middleOf("stdout", origin), stderr: middleOf("stderr", origin) };
        middles.set(origin, middle);
      }
      if (line.stampEnd > line.stampStart) {
        buffer.append(TIME, 0, TIME.length);
        buffer.append(line.stamp, line.stampStart, line.stampEnd);
        buffer.append(AFTER_TIME, 0, AFTER_TIME.length);
      } else {
        buffer.appendByte(BRACE);
      }
      buffer.append(middle[line.stream], 0, middle[line.stream].length);
      appendJsonText(buffer, line.bytes, line.start, line.end);
      const end = line.isEnd ? END : END_OF_PART;
      buffer.append(end, 0, end.length);
      // No object is cut in two.
      remaining -= buffer.length - before;
      if (remaining < 0) buffer.length = before;
    },
  };
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACE = 123;
const TIME = Buffer.from('{"time":"');
const AFTER_TIME = Buffer.from('",');
const END = Buffer.from("}\n");
const END_OF_PART = Buffer.from(',"isPart":true}\n');

function middleOf(stream: LogStream, { namespace, pod, container }: LogOrigin): Buffer {
  const fields = JSON.stringify({ stream, namespace, pod, container }).slice(1, -1);
  return Buffer.from(`${fields},"log":`);
}

/** The text as a JSON string. Nearly all of it is ASCII, of which no string needs to be made. */
function appendJsonText(buffer: ByteBuffer, bytes: Buffer, start: number, end: number): void {
  const first = buffer.length;
  const out = buffer.reserve((end - start) * 2 + 2);
  let to = first;
  out[to++] = QUOTE;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte < 32 || byte > 126) {
      buffer.length = first;
      buffer.appendText(JSON.stringify(bytes.toString("utf8", start, end)));
      return;
    }
    if (byte === QUOTE || byte === BACKSLASH) out[to++] = BACKSLASH;
    out[to++] = byte;
  }
  out[to++] = QUOTE;
  buffer.length = to;
}
