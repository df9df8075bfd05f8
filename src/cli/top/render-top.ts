import { formatSize } from "../../output/format-size.ts";
import { type List, plainDocument } from "../list-output/list.ts";
import type { TopRow } from "./top-rows.ts";

/** As --columns has them. */
export const TOP_COLUMNS = [
  "pod",
  "name",
  "cpu-%",
  "mem",
  "mem-%",
  "rx/s",
  "tx/s",
  "read/s",
  "write/s",
  "pids",
  "container",
];

/** Limits stand behind a slash in a table, `-` for what nobody tells; a document leaves that out. */
export function topList(items: readonly TopRow[]): List<TopRow> {
  return {
    items,
    document: toDocument,
    whole: (documents) => [...documents],
    id: ({ id }) => id,
    reference: ({ pod, name }) => `${pod}/${name}`,
    rows: (row) => [row],
    dispensable: ["CONTAINER", "READ/S", "WRITE/S", "RX/S", "TX/S", "MEM %"],
    columns: [
      { title: "POD", cell: ({ pod }) => pod },
      { title: "NAME", cell: ({ name }) => name },
      {
        title: "CPU %",
        cell: ({ cpu, cpuLimit }) =>
          withLimit(cpu?.toFixed(1), cpuLimit && (cpuLimit * 100).toFixed(0)),
      },
      {
        title: "MEM",
        cell: ({ memoryBytes, memoryLimitBytes }) =>
          withLimit(sizeOf(memoryBytes), memoryLimitBytes && formatSize(memoryLimitBytes)),
      },
      { title: "MEM %", cell: share },
      { title: "RX/S", cell: ({ received }) => sizeOf(received) },
      { title: "TX/S", cell: ({ sent }) => sizeOf(sent) },
      { title: "READ/S", cell: ({ read }) => sizeOf(read) },
      { title: "WRITE/S", cell: ({ written }) => sizeOf(written) },
      {
        title: "PIDS",
        cell: ({ processes, processLimit }) => withLimit(processes?.toString(), processLimit),
      },
      { title: "CONTAINER", cell: ({ id }) => id, shown: "wide" },
    ],
  };
}

/** Numbers where stats has strings, as no figure here is too large for one: jq adds them up. */
function toDocument(row: TopRow) {
  return plainDocument({
    id: row.id,
    name: row.name,
    pod: row.pod,
    cpuPercent: row.cpu,
    cpuLimitCores: row.cpuLimit,
    memoryBytes: numberOf(row.memoryBytes),
    memoryLimitBytes: numberOf(row.memoryLimitBytes),
    receivedBytesPerSecond: row.received,
    sentBytesPerSecond: row.sent,
    readBytesPerSecond: row.read,
    writtenBytesPerSecond: row.written,
    processes: row.processes,
    processLimit: row.processLimit,
  });
}

/** Of all rows together, for a line above the table. */
export function totalsOf(rows: readonly TopRow[]): string {
  const cpu = rows.reduce((sum, row) => sum + (row.cpu ?? 0), 0);
  const memory = rows.reduce((sum, row) => sum + (row.memoryBytes ?? 0n), 0n);
  return `CPU ${cpu.toFixed(1)}%  MEM ${formatSize(memory)}`;
}

function withLimit(used: string | undefined, limit: string | number | bigint | undefined): string {
  if (used === undefined) return "-";
  return limit === undefined ? used : `${used}/${limit}`;
}

function share({ memoryBytes, memoryLimitBytes }: TopRow): string {
  if (memoryBytes === undefined || memoryLimitBytes === undefined) return "-";
  return ((Number(memoryBytes) / Number(memoryLimitBytes)) * 100).toFixed(1);
}

function sizeOf(bytes: bigint | number | undefined): string {
  if (bytes === undefined) return "-";
  return formatSize(typeof bytes === "number" ? Math.round(bytes) : bytes);
}

function numberOf(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
