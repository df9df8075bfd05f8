import { createServer, type Server, type Socket } from "node:net";
import type { Cleanup } from "./cleanup.ts";

/** Listens on a free port of the loopback interface, until the cleanup; resolves to HOST:PORT. */
export async function listenOnPort(cleanup: Cleanup, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  cleanup.add("close a server", () => void server.close());
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** A server on a unix socket, until the cleanup; without a handler it takes connections and is silent. */
export async function listenOnPath(
  cleanup: Cleanup,
  path: string,
  onConnection: (connection: Socket) => void = () => {},
): Promise<Server> {
  const server = createServer((connection) => {
    connection.on("error", () => {});
    connection.unref();
    onConnection(connection);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  server.unref();
  cleanup.add("close a server", () => void server.close());
  return server;
}
