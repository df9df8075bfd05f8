/**
 * The dial helper: a process inside a pod's network namespace that connects to ports on its loopback.
 * Its parent reaches it through a unix socket, one connection for each: a line with the port, a line
 * with the answer, then bytes both ways. It lives as long as its stdin is open.
 */
import { connect, createServer, type Socket } from "node:net";
import { stdin, stdout } from "node:process";
import { unixAddress } from "./unix-address.ts";

/** Written to stdout when the socket listens. */
export const DIAL_READY = "ready";
/** The line that precedes the bytes. */
export const DIAL_CONNECTED = "connected";

/** Programs listen on either; the first that accepts is taken. */
const LOOPBACKS = ["127.0.0.1", "::1"];

/** Argument: the path of the unix socket. Resolves when the parent has gone. */
export async function runDialHelper(argv: readonly string[]): Promise<number> {
  const [path = ""] = argv;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on("error", () => client.destroy());
    void serveClient(client);
  });
  server.listen(unixAddress(path).address, () => stdout.write(`${DIAL_READY}\n`));
  stdin.resume();
  await new Promise<void>((resolve) => {
    stdin.once("close", resolve);
    stdin.once("end", resolve);
  });
  server.close();
  return 0;
}

async function serveClient(client: Socket): Promise<void> {
  const port = Number(await readLine(client));
  const { socket, reason } = await dialLoopback(port);
  if (socket === undefined) {
    client.end(`${reason}\n`);
    return;
  }
  client.write(`${DIAL_CONNECTED}\n`);
  socket.on("error", () => client.destroy());
  client.on("close", () => socket.destroy());
  socket.pipe(client);
  client.pipe(socket);
}

async function dialLoopback(port: number): Promise<{ socket?: Socket; reason: string }> {
  let reason = "";
  for (const host of LOOPBACKS) {
    const result = await dial(host, port);
    if (typeof result !== "string") return { socket: result, reason };
    reason ||= result;
  }
  return { reason };
}

function dial(host: string, port: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.once("error", (error) => resolve(error.message));
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

/** Up to the first newline; what follows stays in the stream. */
export function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const finish = () => {
      socket.off("readable", onReadable);
      socket.off("end", finish);
      socket.off("close", finish);
      resolve(text);
    };
    const onReadable = () => {
      // One byte at a time: what follows the newline belongs to the connection.
      for (let byte = socket.read(1); byte !== null; byte = socket.read(1)) {
        const character = String(byte);
        if (character === "\n") return finish();
        text += character;
      }
    };
    socket.on("readable", onReadable);
    socket.once("end", finish);
    socket.once("close", finish);
  });
}
