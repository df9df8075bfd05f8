import type { HeaderField } from "../http2/header-field.ts";

/** grpc-go refuses a socket's percent-encoded path as the authority. */
const FIXED: readonly HeaderField[] = [
  { name: ":method", value: "POST" },
  { name: ":scheme", value: "http" },
  { name: ":authority", value: "localhost" },
];

const FIXED_AFTER_PATH: readonly HeaderField[] = [
  { name: "te", value: "trailers" },
  { name: "content-type", value: "application/grpc" },
  { name: "user-agent", value: "crish" },
  { name: "grpc-accept-encoding", value: "identity" },
];

/** The headers of a call that is sent now; `deadlineMs` since the epoch, infinite without a limit. */
export function requestHeaders(
  path: string,
  deadlineMs: number,
  metadata: readonly (readonly [string, string])[],
): readonly HeaderField[] {
  const fields: HeaderField[] = [...FIXED, { name: ":path", value: path }, ...FIXED_AFTER_PATH];
  if (deadlineMs !== Number.POSITIVE_INFINITY) {
    fields.push({ name: "grpc-timeout", value: grpcTimeout(deadlineMs - Date.now()) });
  }
  for (const [name, value] of metadata) fields.push({ name, value });
  return fields;
}

/** At most eight digits and a unit, never less than what is left. */
function grpcTimeout(leftMs: number): string {
  const ms = Math.max(0, leftMs);
  for (const [unit, unitMs] of UNITS) {
    const amount = Math.ceil(ms / unitMs);
    if (amount < 1e8) return `${amount}${unit}`;
  }
  return "99999999H";
}

const UNITS = [
  ["m", 1],
  ["S", 1000],
  ["M", 60_000],
  ["H", 3_600_000],
] as const;
