import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { connectEarly } from "../../../src/host/connect-early.ts";
import type { SocketEvents } from "../../../src/host/connect-socket.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import type { TestCase } from "../../support/test-case.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** A server that greets, and the first connection that it gets. */
async function serve(cleanup: Cleanup): Promise<{ path: string; connection: Promise<Socket> }> {
  const path = join(await temporaryDirectory(cleanup), "s.sock");
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    cleanup.add("end the connection", () => void socket.destroy());
    socket.write("hello");
  });
  server.listen(path);
  await once(server, "listening");
  cleanup.add("stop server", () => void server.close());
  return { path, connection: once(server, "connection").then(([socket]) => socket as Socket) };
}

/** What a user is told, in order. */
function recorder(): { told: string[]; events: SocketEvents } {
  const told: string[] = [];
  const events = {
    onOpen: () => void told.push("open"),
    onData: (bytes: Uint8Array) => void told.push(Buffer.from(bytes).toString()),
    onDrain: () => undefined,
    onClose: () => void told.push("close"),
  };
  return { told, events };
}

export const CASES: readonly TestCase[] = [
  {
    title: "hands over what it was told, in order and not before take returns",
    async run(cleanup) {
      const { path, connection } = await serve(cleanup);
      const early = connectEarly({ path });
      await early.opened;
      const server = await connection;
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { told, events } = recorder();
      const socket = early.take(events);
      assert.deepEqual(told, []);
      await waitUntil("the greeting is told", () => told.length === 2);
      assert.deepEqual(told, ["open", "hello"]);
      socket?.write(new TextEncoder().encode("question"));
      assert.equal(String((await once(server, "data"))[0]), "question");
      server.destroy();
      await waitUntil("the end is told", () => told.length === 3);
      assert.equal(told[2], "close");
      assert.equal(early.take(events), undefined);
    },
  },
  {
    title: "hands over a connection that is still being made",
    async run(cleanup) {
      const { path } = await serve(cleanup);
      const early = connectEarly({ path });
      const { told, events } = recorder();
      const socket = early.take(events);
      socket?.keepAlive(true);
      await waitUntil("the greeting is told", () => told.length === 2);
      assert.deepEqual(told, ["open", "hello"]);
      early.close();
      assert.deepEqual(told, ["open", "hello"]);
      socket?.close();
    },
  },
  {
    title: "hands over none that has ended, failed or was closed",
    async run(cleanup) {
      const { path, connection } = await serve(cleanup);
      const { events } = recorder();
      const ended = connectEarly({ path });
      await ended.opened;
      const server = await connection;
      server.destroy();
      await once(server, "close");
      // The end is there to be read; both runtimes read within a few turns.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(ended.take(events), undefined);
      const failed = connectEarly({ path: `${path}.none` });
      await assert.rejects(failed.opened, { code: "ENOENT" });
      assert.equal(failed.take(events), undefined);
      const closed = connectEarly({ path });
      await closed.opened;
      closed.close();
      closed.close();
      assert.equal(closed.take(events), undefined);
    },
  },
];
