import { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** The binary messages of an open WebSocket as one byte stream, for SPDY tunnelled in it. */
export function webSocketDuplex(socket: WebSocket): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      if (socket.readyState !== socket.OPEN) done(new Error("WebSocket is closed"));
      else socket.send(chunk, { binary: true }, (error) => done(error ?? null));
    },
    final: (done) => {
      socket.close(1000);
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on("message", (message: Buffer) => {
    if (!duplex.push(message)) socket.pause();
  });
  socket.on("close", () => {
    if (!duplex.destroyed) duplex.push(null);
  });
  socket.on("error", (error) => duplex.destroy(error));
  return duplex;
}
