import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** Sends a request head as it is and returns all that comes until the connection ends. */
export async function rawRequest(url: string, head: string, body = ""): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, "connect");
  socket.write(`${head.replace("PATH", pathname)}\r\nHost: x\r\n\r\n${body}`);
  return text(socket).catch((error: Error) => error.message);
}

export const SPDY_HEAD = "POST PATH HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1";
