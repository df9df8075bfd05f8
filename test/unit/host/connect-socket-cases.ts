import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { connectSocket, type SocketAddress } from "../../../src/host/connect-socket.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import type { TestCase } from "../../support/test-case.ts";

const MIB = 1024 * 1024;

/** Resolves with the error that no connection came about with. */
function refusal(address: SocketAddress): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve, reject) => {
    connectSocket(address, {
      onOpen: () => reject(new Error("it was connected")),
      onData: () => undefined,
      onDrain: () => undefined,
      onClose: resolve,
    });
  });
}

/** A server that keeps its half of a connection open, and its first connection, unread. */
async function serve(cleanup: Cleanup): Promise<{ server: Promise<unknown[]>; path: string }> {
  const path = join(await temporaryDirectory(cleanup), "s.sock");
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    cleanup.add("end the server's half", () => void socket.destroy());
    socket.on("error", () => undefined);
  });
  server.listen(path);
  await once(server, "listening");
  cleanup.add("stop server", () => void server.close());
  return { server: once(server, "connection"), path };
}

export const CASES: readonly TestCase[] = [
  {
    title: "never throws: each address that cannot be connected is told as an error, later",
    async run(cleanup) {
      const missing = join(await temporaryDirectory(cleanup), "none.sock");
      assert.equal((await refusal({ path: missing }))?.code, "ENOENT");
      assert.ok(await refusal({ path: `/${"x".repeat(300)}` }));
      assert.ok(await refusal({ host: "127.0.0.1", port: 99_999 }));
      assert.equal((await refusal({ host: "no such host", port: 80 }))?.code, "ENOTFOUND");
    },
  },
  {
    title:
      "takes what is written before it is connected, and far more than the system takes at once",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "s.sock");
      const { promise: received, resolve } = Promise.withResolvers<Buffer>();
      const server = createServer((socket) => {
        const parts: Buffer[] = [];
        socket.pause();
        socket.on("data", (part: Buffer) => parts.push(part));
        socket.on("close", () => resolve(Buffer.concat(parts)));
        socket.on("error", () => undefined);
        setImmediate(() => socket.resume());
      });
      server.listen(path);
      await once(server, "listening");
      cleanup.add("stop server", () => void server.close());
      const drained = Promise.withResolvers<void>();
      const socket = connectSocket(
        { path },
        {
          onOpen: () => undefined,
          onData: () => undefined,
          onDrain: drained.resolve,
          onClose: () => undefined,
        },
      );
      const bytes = Buffer.alloc(4 * MIB);
      for (let round = 0; round < 5; round++) {
        bytes.fill(round);
        socket.write(bytes);
      }
      bytes.fill(0xff);
      await drained.promise;
      assert.equal(socket.unsentBytes, 0);
      socket.close();
      socket.close();
      const whole = await received;
      assert.equal(whole.length, 20 * MIB);
      for (let round = 0; round < 5; round++) {
        const part = whole.subarray(round * 4 * MIB, (round + 1) * 4 * MIB);
        assert.ok(part.every((byte) => byte === round));
      }
    },
  },
  {
    title: "tells of the other side's end once, and of nothing after its own",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "s.sock");
      const server = createServer((socket) => socket.end("bye"));
      server.listen(path);
      await once(server, "listening");
      cleanup.add("stop server", () => void server.close());
      const told: string[] = [];
      await new Promise<void>((resolve) => {
        connectSocket(
          { path },
          {
            onOpen: () => void told.push("open"),
            onData: (bytes) => void told.push(Buffer.from(bytes).toString()),
            onDrain: () => undefined,
            onClose(error) {
              told.push(`closed ${error?.code}`);
              resolve();
            },
          },
        );
      });
      assert.deepEqual(told, ["open", "bye", "closed undefined"]);
      const silent = connectSocket(
        { path },
        {
          onOpen: () => void told.push("opened again"),
          onData: () => void told.push("data"),
          onDrain: () => undefined,
          onClose: () => void told.push("closed again"),
        },
      );
      silent.close();
      silent.write(Buffer.from("for nobody"));
      await refusal({ path: `${path}.none` });
      assert.equal(told.length, 3);
    },
  },
  {
    title: "hands over all that was sent before the end, however much it is",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "s.sock");
      const sent = Buffer.from(Uint32Array.from({ length: 3 * MIB }, (_, at) => at * 31).buffer);
      const server = createServer((socket) => socket.end(sent));
      server.listen(path);
      await once(server, "listening");
      cleanup.add("stop server", () => void server.close());
      const parts: Uint8Array[] = [];
      await new Promise<void>((resolve) => {
        connectSocket(
          { path },
          {
            onOpen: () => undefined,
            onData: (bytes) => void parts.push(bytes),
            onDrain: () => undefined,
            onClose: () => resolve(),
          },
        );
      });
      assert.ok(Buffer.concat(parts).equals(sent));
    },
  },
  {
    title: "tells of the other side's end also while that takes nothing of what is to be sent",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "s.sock");
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        cleanup.add("end the server's half", () => void socket.destroy());
        socket.on("error", () => undefined);
        socket.pause().end("bye");
      });
      server.listen(path);
      await once(server, "listening");
      cleanup.add("stop server", () => void server.close());
      const told: string[] = [];
      await new Promise<void>((resolve) => {
        const socket = connectSocket(
          { path },
          {
            onOpen: () => socket.write(Buffer.alloc(8 * MIB)),
            onData: (bytes) => void told.push(Buffer.from(bytes).toString()),
            onDrain: () => void told.push("drained"),
            onClose: () => resolve(),
          },
        );
      });
      assert.deepEqual(told, ["bye"]);
    },
  },
  {
    title: "sends all that was written before its end, and lets go of the connection then",
    async run(cleanup) {
      for (const when of ["before it is connected", "after"]) {
        const { server, path } = await serve(cleanup);
        const told: string[] = [];
        const opened = Promise.withResolvers<void>();
        const socket = connectSocket(
          { path },
          {
            onOpen: opened.resolve,
            onData: () => void told.push("data"),
            onDrain: () => void told.push("drained"),
            onClose: () => void told.push("closed"),
          },
        );
        if (when === "after") await opened.promise;
        for (let round = 0; round < 5; round++) socket.write(Buffer.alloc(MIB, round));
        socket.end();
        socket.end();
        socket.write(Buffer.from("too late"));
        const [connection] = (await server) as [Socket];
        connection.write("for nobody");
        const whole = Buffer.concat(await connection.toArray());
        assert.equal(whole.length, 5 * MIB, when);
        assert.deepEqual(
          [0, 1, 2, 3, 4].map((round) => whole[round * MIB + 1]),
          [0, 1, 2, 3, 4],
        );
        // The server's half is open still; nobody is there for it.
        const gone = once(connection, "error");
        const timer = setInterval(() => connection.write("x"), 10);
        await gone.finally(() => clearInterval(timer));
        assert.deepEqual(told, []);
      }
    },
  },
  {
    title: "lets go of the connection some time after its end also where nothing is taken",
    async run(cleanup) {
      const { server, path } = await serve(cleanup);
      const events = { onOpen() {}, onData() {}, onDrain() {}, onClose() {} };
      const socket = connectSocket({ path }, events);
      const [connection] = (await server) as [Socket];
      socket.write(Buffer.alloc(8 * MIB));
      socket.end();
      const gone = once(connection, "error");
      const timer = setInterval(() => connection.write("x"), 100);
      await gone.finally(() => clearInterval(timer));
    },
  },
  {
    title: "hands over nothing between pause and resume, and all of it then, with the end",
    async run(cleanup) {
      const { server, path } = await serve(cleanup);
      const sent = Buffer.from(Uint32Array.from({ length: 2 * MIB }, (_, at) => at * 31).buffer);
      const parts: Uint8Array[] = [];
      let resumed = false;
      const first = Promise.withResolvers<void>();
      const closed = Promise.withResolvers<void>();
      const socket = connectSocket(
        { path },
        {
          onOpen: () => undefined,
          onData(bytes) {
            assert.ok(resumed || parts.length === 0, "data while it is paused");
            parts.push(bytes);
            if (!resumed) socket.pause();
            first.resolve();
          },
          onDrain: () => undefined,
          onClose: () => closed.resolve(),
        },
      );
      const [connection] = (await server) as [Socket];
      connection.end(sent);
      await first.promise;
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(parts.length, 1);
      resumed = true;
      socket.resume();
      await closed.promise;
      socket.pause();
      socket.resume();
      assert.ok(Buffer.concat(parts).equals(sent));
    },
  },
];
