import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, it } from "node:test";
import type { PortForwardSession } from "../../../src/cri/backend.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import { breakOff } from "../../../src/host/break-off.ts";
import { signalTree } from "../../../src/host/signal-tree.ts";
import { openDialSession } from "../../../src/runtime/shim/dial-session.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { freePort } from "../../support/free-port.ts";
import { waitUntil } from "../../support/wait-until.ts";

describe("connections that a helper makes", { timeout: 60_000 }, () => {
  const cleanup = cleanupAfter();

  async function open(networkNamespace?: string): Promise<PortForwardSession> {
    const session = await openDialSession(networkNamespace);
    cleanup.add("close a session", () => session.close());
    return session;
  }

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      onSocket(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    cleanup.add("stop a server", () => void server.close());
    return (server.address() as AddressInfo).port;
  }

  /** All that arrives, and how it ends. */
  async function ending(connection: Duplex): Promise<string> {
    let text = "";
    connection.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    return await new Promise((resolve) => {
      connection.once("end", () => resolve(`${text}, end`));
      connection.once("error", ({ code }: NodeJS.ErrnoException) => resolve(`${text}, ${code}`));
    });
  }

  it("carry what the server says first, whenever it is read", async () => {
    const port = await listen((socket) => socket.end("hello".repeat(10_000)));
    const session = await open();
    const connections = await Promise.all(Array.from({ length: 50 }, () => session.connect(port)));
    for (const connection of connections) {
      assert.equal(await ending(connection), `${"hello".repeat(10_000)}, end`);
    }
  });

  it("keep half-close in both directions", async () => {
    const asking = await listen((socket) => {
      let question = "";
      socket.on("data", (chunk: Buffer) => {
        question += chunk;
      });
      socket.on("end", () => socket.end(`you said ${question}`));
    });
    const session = await open();
    const first = await session.connect(asking);
    first.end("hello");
    assert.equal(await ending(first), "you said hello, end");

    const heard = Promise.withResolvers<string>();
    const greeting = await listen((socket) => {
      socket.end("bye");
      ending(socket).then(heard.resolve);
    });
    const second = await session.connect(greeting);
    assert.equal(await ending(second), "bye, end");
    second.end("still here");
    assert.equal(await heard.promise, "still here, end");
  });

  it("pass a reset on, in both directions", async () => {
    const session = await open();
    const resetting = await listen((socket) => {
      socket.write("half of it");
      socket.once("data", () => socket.resetAndDestroy());
    });
    const broken = await session.connect(resetting);
    broken.once("data", () => broken.write("x"));
    assert.equal(await ending(broken), "half of it, ECONNRESET");

    const heard = Promise.withResolvers<string>();
    const listening = await listen((socket) => {
      ending(socket).then(heard.resolve);
      socket.write("go on");
    });
    const breaking = await session.connect(listening);
    await once(breaking, "data");
    breakOff(breaking);
    assert.equal(await heard.promise, ", ECONNRESET");
  });

  it("are refused where nobody listens, one by one", async () => {
    const session = await open();
    const echo = await listen((socket) => socket.pipe(socket));
    const refused = session.connect(await freePort());
    await assert.rejects(refused, (error) => {
      assert.ok(hasCode(error, "FailedPrecondition"));
      return /cannot connect to port \d+ in the pod: .*ECONNREFUSED/.test(error.message);
    });
    const connection = await session.connect(echo);
    connection.end("through");
    assert.equal(await ending(connection), "through, end");
  });

  it("go on when the helper is killed, and no more are made", async () => {
    const echo = await listen((socket) => socket.pipe(socket));
    const before = helpers();
    const session = await open();
    const connection = await session.connect(echo);
    const [helper] = helpers().filter((pid) => !before.includes(pid));
    assert.ok(helper !== undefined);
    signalTree(helper, "SIGKILL");
    await waitUntil("it has gone", () => !helpers().includes(helper));
    await assert.rejects(
      async () => {
        // It is told of its end a moment later; what was asked before that gets no answer.
        for (;;) (await session.connect(echo)).destroy();
      },
      (error) => hasCode(error, "Unavailable"),
    );
    connection.end("still here");
    assert.equal(await ending(connection), "still here, end");
  });

  it("end with the session, which leaves no process", async () => {
    const before = helpers();
    const port = await listen(() => {});
    const session = await openDialSession(undefined);
    const connection = await session.connect(port);
    const closed = once(connection, "close");
    await session.close();
    await session.close();
    await closed;
    await assert.rejects(session.connect(port), (error) => hasCode(error, "Unavailable"));
    await waitUntil("the helper has gone", () => helpers().every((pid) => before.includes(pid)));
  });

  it("are not made in a namespace that is not there", async () => {
    await assert.rejects(openDialSession("/proc/self/ns/nothing"), (error) => {
      assert.ok(hasCode(error, "Internal"));
      return /cannot enter the pod's network: .*nothing/.test(error.message);
    });
  });
});

/** The processes of this test that dial. */
function helpers(): number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.includes("dial"))
    .map(([pid]) => Number(pid));
}
