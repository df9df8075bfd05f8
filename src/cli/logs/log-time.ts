/** A moment as whole seconds of Unix time and nanoseconds: cheaper than a bigint per line. */
export interface LogTime {
  readonly seconds: number;
  readonly nanos: number;
}

const ZERO = 48;
const DOT = 46;

/** RFC 3339 with up to nine digits of fraction, between two offsets; undefined where it is none. */
export function parseTimestamp(input: Uint8Array, start: number, end: number): LogTime | undefined {
  if (end - start < 20) return undefined;
  const seconds =
    daysOf(number(input, start, 4), number(input, start + 5, 2), number(input, start + 8, 2)) *
      86_400 +
    number(input, start + 11, 2) * 3600 +
    number(input, start + 14, 2) * 60 +
    number(input, start + 17, 2);
  let at = start + 19;
  let nanos = 0;
  if (input[at] === DOT) {
    at++;
    let digits = 0;
    for (; isDigit(input[at]) && at < end; at++, digits++) {
      if (digits < 9) nanos = nanos * 10 + ((input[at] as number) - ZERO);
    }
    for (; digits < 9; digits++) nanos *= 10;
  }
  const zone = zoneSeconds(input, at, end);
  if (Number.isNaN(seconds) || zone === undefined) return undefined;
  return { seconds: seconds - zone, nanos };
}

export function compareTime(left: LogTime, right: LogTime): number {
  return left.seconds - right.seconds || left.nanos - right.nanos;
}

/** Writes the timestamp at `input` with exactly nine digits of fraction; returns the end of what it wrote. */
export function writeTimestamp(
  input: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let to = at;
  let from = start;
  const whole = Math.min(start + 19, end);
  while (from < whole) out[to++] = input[from++] as number;
  out[to++] = DOT;
  let digits = 0;
  if (input[from] === DOT) {
    from++;
    for (; isDigit(input[from]) && from < end; from++) {
      if (digits++ < 9) out[to++] = input[from] as number;
    }
  }
  for (; digits < 9; digits++) out[to++] = ZERO;
  while (from < end) out[to++] = input[from++] as number;
  return to;
}

/** Days since 1970: by years that begin in March, whose last day is the leap day. Quicker than Date. */
function daysOf(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + Math.floor((months * 153 + 2) / 5) + day - 719_469;
}

/** Seconds east of Greenwich; undefined where no zone stands there. */
export function zoneSeconds(input: Uint8Array, at: number, end: number): number | undefined {
  const sign = input[at];
  if (sign === 90 || sign === 122) return 0;
  if ((sign !== 43 && sign !== 45) || end - at < 6) return undefined;
  const seconds = number(input, at + 1, 2) * 3600 + number(input, at + 4, 2) * 60;
  return sign === 45 ? -seconds : seconds;
}

function number(input: Uint8Array, start: number, digits: number): number {
  let value = 0;
  for (let index = start; index < start + digits; index++) {
    const digit = input[index];
    if (!isDigit(digit)) return Number.NaN;
    value = value * 10 + ((digit as number) - ZERO);
  }
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= 57;
}
