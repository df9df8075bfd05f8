import { StatusError } from "../errors/status-error.ts";

/**
 * Records of a PAX extended header (POSIX pax, "Extended Header"): `<length> <key>=<value>\n`, the
 * length counting itself. Text is latin1. InvalidArgument for a malformed one.
 */
export function parsePaxRecords(data: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let offset = 0;
  while (offset < data.length) {
    const space = data.indexOf(0x20, offset);
    const digits = space < 0 ? "" : data.toString("latin1", offset, space);
    const end = offset + Number(digits);
    const equals = data.indexOf(0x3d, space + 1);
    const isWellFormed =
      /^[1-9][0-9]{0,8}$/.test(digits) &&
      end <= data.length &&
      equals > space + 1 &&
      equals < end &&
      data[end - 1] === 0x0a;
    if (!isWellFormed) {
      throw new StatusError("InvalidArgument", "the archive has a malformed PAX record");
    }
    const key = data.toString("latin1", space + 1, equals);
    records.set(key, data.toString("latin1", equals + 1, end - 1));
    offset = end;
  }
  return records;
}

export function formatPaxRecords(records: Iterable<readonly [string, string]>): string {
  let text = "";
  for (const [key, value] of records) text += formatPaxRecord(key, value);
  return text;
}

function formatPaxRecord(key: string, value: string): string {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
