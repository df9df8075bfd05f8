const UNITS = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Bytes in SI units with that many significant digits, as crictl prints them: 191MB, 12.35MB, 0B. */
export function formatSize(sizeBytes: bigint | number, significantDigits: 3 | 4 = 3): string {
  let amount = Number(sizeBytes);
  let unit = 0;
  while (
    Math.abs(Number(amount.toPrecision(significantDigits))) >= 1000 &&
    unit < UNITS.length - 1
  ) {
    amount /= 1000;
    unit++;
  }
  return `${Number(amount.toPrecision(significantDigits))}${UNITS[unit]}`;
}
