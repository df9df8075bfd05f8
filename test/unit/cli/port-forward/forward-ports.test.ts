import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { describe, it } from "node:test";
import { forwardPorts } from "../../../../src/cli/port-forward/forward-ports.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

const NOBODY_LISTENS = 81;

const LIMIT = { timeout: 20_000 };

/** A connection as the pod has it, and what breaks it. */
interface Accepted {
  readonly far: Duplex;
  breakOff(reason: string): void;
}

interface Forwarding {
  dial(remote: number): Socket;
  accept(): Promise<Accepted>;
}

describe("forwarded connections", () => {
  /** Forwards port 80 and 81 to the test itself, which stands at the other end as the pod. */
  async function withForwarding(
    use: (at: Forwarding) => Promise<void>,
  ): Promise<readonly string[]> {
    const told: string[] = [];
    const arrived = new EventTarget();
    let isClosed = false;
    const waiting: Accepted[] = [];
    const locals = new Map<number, number>();
    const accept = (): Duplex => {
      const [ours, far] = duplexPair();
      const breakOff = (reason: string) => ours.destroy(new StatusError("Unavailable", reason));
      waiting.push({ far, breakOff });
      arrived.dispatchEvent(new Event("connection"));
      return ours;
    };
    const end = new AbortController();
    const { promise: listening, resolve } = Promise.withResolvers<void>();
    const ended = forwardPorts({
      ports: [
        { local: 0, remote: 80 },
        { local: 0, remote: NOBODY_LISTENS },
      ],
      session: {
        connect: async (port) => {
          if (port !== NOBODY_LISTENS) return accept();
          throw new StatusError("FailedPrecondition", "nobody listens");
        },
        close: async () => {
          isClosed = true;
        },
      },
      onListening: async (address, remote) => {
        if (address.startsWith("127.")) locals.set(remote, Number(address.split(":")[1]));
        if (locals.size === 2) resolve();
      },
      onConnection: () => {},
      onConnectionError: (error) => void told.push(String(error)),
      signal: end.signal,
    });
    await listening;
    try {
      await use({
        dial: (remote) =>
          connect({ host: "127.0.0.1", port: locals.get(remote) ?? 0, allowHalfOpen: true }),
        accept: async () => {
          if (waiting.length === 0) await once(arrived, "connection");
          return waiting.shift() as Accepted;
        },
      });
    } finally {
      end.abort();
      await ended;
    }
    assert.ok(isClosed);
    return told;
  }

  /** What arrives, and how that ended. */
  async function received(socket: Duplex): Promise<readonly string[]> {
    let data = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      data += part;
    });
    const ending = await new Promise<string>((resolve) => {
      socket.once("end", () => resolve("end"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    });
    return [data, ending];
  }

  it("end each way by itself", LIMIT, async () => {
    const told = await withForwarding(async ({ dial, accept }) => {
      const near = dial(80);
      const { far } = await accept();
      near.end("question");
      assert.deepEqual(await received(far), ["question", "end"]);
      far.end("answer");
      assert.deepEqual(await received(near), ["answer", "end"]);
    });
    assert.deepEqual(told, []);
  });

  it("that break look broken, and not ended, and leave the others alone", LIMIT, async () => {
    const told = await withForwarding(async ({ dial, accept }) => {
      const broken = dial(80);
      const { far, breakOff } = await accept();
      const whole = dial(80);
      const other = await accept();
      const halfway = received(broken);
      far.write("half of it");
      await once(broken, "data");
      breakOff("the pod has ended");
      assert.deepEqual(await halfway, ["half of it", "ECONNRESET"]);
      other.far.end("all of it");
      assert.deepEqual(await received(whole), ["all of it", "end"]);
      assert.deepEqual(await received(dial(NOBODY_LISTENS)), ["", "ECONNRESET"]);
    });
    assert.match(told.join("\n"), /the pod has ended.*\n.*nobody listens/);
  });
});
