import { cpuPercent } from "../two-samples.ts";
import type { ContainerSample, Sample } from "./take-sample.ts";

/** What one container uses between two samples. */
export interface TopRow {
  readonly id: string;
  readonly name: string;
  readonly pod: string;
  /** 100 is one core. */
  readonly cpu: number | undefined;
  readonly cpuLimit: number | undefined;
  readonly memoryBytes: bigint | undefined;
  readonly memoryLimitBytes: bigint | undefined;
  /** Bytes in a second. */
  readonly received: number | undefined;
  readonly sent: number | undefined;
  readonly read: number | undefined;
  readonly written: number | undefined;
  readonly processes: number | undefined;
  readonly processLimit: number | undefined;
}

export const SORT_KEYS = ["cpu", "memory", "network", "io", "pids", "name"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/**
 * The rows, unsorted. Where a runtime had no new figures of CPU since the sample before, the row
 * keeps what it said then.
 */
export function topRows(
  before: Sample,
  now: Sample,
  last: readonly TopRow[] = [],
): readonly TopRow[] {
  const earlier = new Map(before.containers.map((each) => [each.id, each]));
  const kept = new Map(last.map((row) => [row.id, row.cpu]));
  const seconds = (now.atMs - before.atMs) / 1000;
  return now.containers.map((each) => {
    const then = earlier.get(each.id);
    const rate = (figure: RateFigure) => rateOf(each[figure], then?.[figure], seconds);
    const isStale = each.cpu !== undefined && each.cpu.timestamp === then?.cpu?.timestamp;
    return {
      id: each.id,
      name: each.name,
      pod: each.pod,
      cpu: isStale ? kept.get(each.id) : cpuPercent(each.cpu, then?.cpu),
      cpuLimit: each.cpuLimit,
      memoryBytes: each.memoryBytes,
      memoryLimitBytes: each.memoryLimitBytes,
      received: rate("receivedBytes"),
      sent: rate("sentBytes"),
      read: rate("readBytes"),
      written: rate("writtenBytes"),
      processes: each.processes,
      processLimit: each.processLimit,
    };
  });
}

type RateFigure = keyof Pick<
  ContainerSample,
  "receivedBytes" | "sentBytes" | "readBytes" | "writtenBytes"
>;

function rateOf(
  now: bigint | undefined,
  then: bigint | undefined,
  seconds: number,
): number | undefined {
  if (now === undefined || then === undefined || now < then || seconds <= 0) return undefined;
  return Number(now - then) / seconds;
}

/** The most first, what is not known last; names by their characters. */
export function sortRows(rows: readonly TopRow[], key: SortKey): readonly TopRow[] {
  const byName = (left: TopRow, right: TopRow) => {
    const [a, b] = [`${left.pod}/${left.name}`, `${right.pod}/${right.name}`];
    return a < b ? -1 : a > b ? 1 : 0;
  };
  return [...rows].sort((left, right) => {
    const difference = key === "name" ? 0 : FIGURES[key](right) - FIGURES[key](left);
    return difference === 0 ? byName(left, right) : difference;
  });
}

const FIGURES: Readonly<Record<Exclude<SortKey, "name">, (row: TopRow) => number>> = {
  cpu: ({ cpu }) => cpu ?? -1,
  memory: ({ memoryBytes }) => Number(memoryBytes ?? -1n),
  network: ({ received, sent }) => (received ?? -1) + (sent ?? 0),
  io: ({ read, written }) => (read ?? -1) + (written ?? 0),
  pids: ({ processes }) => processes ?? -1,
};
