const NEVER = "0001-01-01T00:00:00Z";

/** A moment as RFC 3339 with nanoseconds in the local zone; 0 is Go's zero time, as crictl has it. */
export function formatTime(momentNs: bigint): string {
  if (momentNs <= 0n) return NEVER;
  const date = new Date(Number(momentNs / 1_000_000n));
  const nanos = String(momentNs % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join("-");
  const time = [pad(date.getHours()), pad(date.getMinutes()), pad(date.getSeconds())].join(":");
  return `${day}T${time}${nanos === "" ? "" : `.${nanos}`}${zone(-date.getTimezoneOffset())}`;
}

function zone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const minutes = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? "-" : "+";
  return `${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
