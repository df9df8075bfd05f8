import { formatSize } from "../../output/format-size.ts";
import { renderTable, type TableStyle } from "../../output/table.ts";
import type { TopRow } from "./top-rows.ts";

const HEADING = [
  "POD",
  "NAME",
  "CPU %",
  "MEM",
  "MEM %",
  "RX/S",
  "TX/S",
  "READ/S",
  "WRITE/S",
  "PIDS",
];
/** What a narrow terminal goes without. */
export const TOP_DISPENSABLE = ["READ/S", "WRITE/S", "RX/S", "TX/S", "MEM %"];

/** A table: limits behind a slash, `-` for what nobody tells. */
export async function renderTop(rows: readonly TopRow[], style: TableStyle): Promise<string> {
  return await renderTable(
    HEADING,
    rows.map((row) => [
      row.pod,
      row.name,
      withLimit(row.cpu?.toFixed(1), row.cpuLimit && (row.cpuLimit * 100).toFixed(0)),
      withLimit(sizeOf(row.memoryBytes), row.memoryLimitBytes && formatSize(row.memoryLimitBytes)),
      share(row),
      sizeOf(row.received),
      sizeOf(row.sent),
      sizeOf(row.read),
      sizeOf(row.written),
      withLimit(row.processes?.toString(), row.processLimit),
    ]),
    style,
  );
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
