/** Columns and rows of a terminal. */
export interface ChannelTerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** One message of the resize channel; over SPDY they follow each other with a newline between. */
export function formatTerminalSize(size: ChannelTerminalSize): string {
  return `${JSON.stringify({ Width: size.columns, Height: size.rows })}\n`;
}

/** Undefined for text that is no size: a client's bad resize must not end a command. */
function parseTerminalSize(text: string): ChannelTerminalSize | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { Width: columns, Height: rows } = value as { Width?: unknown; Height?: unknown };
  return isCells(columns) && isCells(rows) ? { columns, rows } : undefined;
}

/**
 * Reads sizes out of a byte stream of JSON objects, however it is cut into chunks. Text that goes
 * on without an end of object is dropped.
 */
export async function* readTerminalSizes(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<ChannelTerminalSize> {
  let held = "";
  for await (const chunk of chunks) {
    held += chunk.toString("utf8");
    for (let end = held.indexOf("}"); end >= 0; end = held.indexOf("}")) {
      const size = parseTerminalSize(held.slice(0, end + 1));
      held = held.slice(end + 1);
      if (size !== undefined) yield size;
    }
    if (held.length > MAX_MESSAGE_CHARACTERS) held = "";
  }
}

const MAX_MESSAGE_CHARACTERS = 1024;

function isCells(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff;
}
