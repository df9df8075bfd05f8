import type { LineSource, LinesOutput } from "./print-lines.ts";

/**
 * Prints what there is at present of several logs, by the times of their lines. Lines of one log stay
 * in its order, whatever their times; of two with the same time the first log's comes first.
 */
export async function mergeLines(
  sources: readonly LineSource[],
  { printer, output }: LinesOutput,
): Promise<void> {
  /** Those that stand at a line, by its time. */
  const queue: Standing[] = [];
  for (const [rank, source] of sources.entries()) {
    if (await source.next()) insert(queue, standing(source, rank));
  }
  for (let first = queue.shift(); first !== undefined && !printer.isDone; first = queue.shift()) {
    const { source, rank } = first;
    const { cursor } = source;
    for (;;) {
      const { isEnd } = cursor.line;
      printer.print(cursor.line, source.origin);
      if (printer.isDone) break;
      if (output.isFull) await output.flush();
      if (!(cursor.next() || (await source.next()))) break;
      // The pieces of a long line stay together.
      if (!isEnd && !cursor.line.isStart) continue;
      source.readTime();
      const [second] = queue;
      if (second === undefined || isBefore({ source, rank }, second)) continue;
      insert(queue, { source, rank });
      break;
    }
  }
  await output.flush();
}

interface Standing {
  readonly source: LineSource;
  /** Of the log among the others. */
  readonly rank: number;
}

function standing(source: LineSource, rank: number): Standing {
  source.readTime();
  return { source, rank };
}

function insert(queue: Standing[], one: Standing): void {
  let at = 0;
  while (at < queue.length && !isBefore(one, queue[at] as Standing)) at++;
  queue.splice(at, 0, one);
}

function isBefore(left: Standing, right: Standing): boolean {
  const difference =
    left.source.seconds - right.source.seconds || left.source.nanos - right.source.nanos;
  return difference < 0 || (difference === 0 && left.rank < right.rank);
}
