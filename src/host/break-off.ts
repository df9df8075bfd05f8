import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Ends a connection so that its peer sees that it broke, and not an end: a socket is reset. */
export function breakOff(connection: Duplex): void {
  if (connection instanceof Socket) connection.resetAndDestroy();
  else connection.destroy();
}
