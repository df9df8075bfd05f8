import type { LineMatcher } from "./line-matcher.ts";
import type { LinePrinter } from "./line-printer.ts";
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
  return {
    get isDone() {
      return remaining <= 0;
    },
    print(line, { namespace, pod, container }) {
      if (options.matcher !== undefined && options.matcher.match(line) === undefined) return;
      const time = textOf(line.stamp, line.stampStart, line.stampEnd);
      const document = {
        ...(time === "" ? {} : { time }),
        stream: line.stream,
        namespace,
        pod,
        container,
        log: textOf(line.bytes, line.start, line.end),
        ...(line.isEnd ? {} : { isPart: true }),
      };
      const text = `${JSON.stringify(document)}\n`;
      // No object is cut in two.
      remaining -= Buffer.byteLength(text);
      if (remaining >= 0) output.to("stdout").appendText(text);
    },
  };
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8", start, end);
}
