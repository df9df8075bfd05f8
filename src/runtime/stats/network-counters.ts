/** What one device of a network has moved. */
export interface NetworkCounters {
  readonly name: string;
  readonly received: DirectionCounters;
  readonly sent: DirectionCounters;
}

export interface DirectionCounters {
  readonly bytes: bigint;
  readonly packets: bigint;
  readonly errors: bigint;
  readonly dropped: bigint;
}

/** From the text of /proc/net/dev; loopback is left out. */
export function parseNetworkCounters(text: string): NetworkCounters[] {
  return text
    .split("\n")
    .flatMap((line) => parseLine(line) ?? [])
    .filter(({ name }) => name !== "lo");
}

/** Eight columns of what came in, eight of what went out. */
const DIRECTION_COLUMNS = 8;

function parseLine(line: string): NetworkCounters | undefined {
  const [name, figures] = line.split(":");
  const values = figures?.trim().split(/\s+/) ?? [];
  if (name === undefined || values.length < 2 * DIRECTION_COLUMNS) return undefined;
  return {
    name: name.trim(),
    received: direction(values),
    sent: direction(values.slice(DIRECTION_COLUMNS)),
  };
}

function direction([bytes = "0", packets = "0", errors = "0", dropped = "0"]: readonly string[]) {
  return {
    bytes: BigInt(bytes),
    packets: BigInt(packets),
    errors: BigInt(errors),
    dropped: BigInt(dropped),
  };
}
