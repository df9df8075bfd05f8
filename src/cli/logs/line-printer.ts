import type { LogLine } from "./line-cursor.ts";

/** Where a line came from. */
export interface LogOrigin {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Puts lines into an output. */
export interface LinePrinter {
  print(line: LogLine, origin: LogOrigin): void;
  /** Whether nothing more is wanted. */
  readonly isDone: boolean;
}
