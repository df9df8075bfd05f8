import assert from "node:assert/strict";
import { join } from "node:path";
import type { UnixEndpoint } from "../../../../src/cri/parse-endpoint.ts";
import type {
  ExchangeTransport,
  MessageExchange,
  TransportCall,
} from "../../../../src/cri/transport.ts";
import type { Cleanup } from "../../../support/cleanup.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { type ByteServer, startByteServer } from "./byte-server.ts";

type OpenExchangeTransport = (
  endpoint: UnixEndpoint,
  options: { connectTimeoutMs: number },
) => ExchangeTransport;

/** What a transport with exchanges promises its callers, against a real gRPC server. */
export function exchangeContract(open: OpenExchangeTransport): readonly TestCase[] {
  const cases: TestCase[] = [];
  const add = (title: string, run: (place: Place) => Promise<void>) =>
    void cases.push({
      title: `exchange: ${title}`,
      run: async (cleanup) => run(await openPlace(open, cleanup)),
    });

  add("each message has its answer, in order", async ({ exchange }) => {
    const talk = exchange();
    for (const bytes of [0, 1, 16_384, 1_048_576]) {
      await talk.send(Buffer.alloc(bytes));
      assert.equal(await textOf(talk), String(bytes));
    }
    await talk.send(Buffer.from("end"));
    assert.equal(await talk.receive(), undefined);
  });

  add("many messages go before an answer is read", async ({ exchange }) => {
    const talk = exchange();
    for (let bytes = 100; bytes < 200; bytes++) await talk.send(Buffer.alloc(bytes));
    for (let bytes = 100; bytes < 200; bytes++) assert.equal(await textOf(talk), String(bytes));
    talk.cancel();
  });

  add("a server that does not read stops the sender", async ({ exchange }) => {
    const talk = exchange();
    await talk.send(Buffer.from("stop reading"));
    assert.equal(await textOf(talk), String("stop reading".length));
    const message = Buffer.alloc(1_048_576);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 64; sent++) await talk.send(message);
    })();
    await assert.rejects(
      Promise.race([sending, new Promise((_, reject) => setTimeout(reject, 500, "waits"))]),
      (reason) => reason === "waits",
    );
    assert.ok(sent < 32, `${sent} MiB went to a server that does not read`);
    talk.cancel();
    await assert.rejects(sending, { code: "Cancelled" });
  });

  add("a failure ends sending and receiving with its status", async ({ exchange }) => {
    const talk = exchange();
    await talk.send(Buffer.from("fail:6"));
    await assert.rejects(talk.receive(), { code: "AlreadyExists", message: "as told" });
    await assert.rejects(talk.send(Buffer.alloc(9)), { code: "AlreadyExists" });
  });

  add("sending to a server that has ended the call is refused", async ({ exchange }) => {
    const talk = exchange();
    await talk.send(Buffer.from("end"));
    assert.equal(await talk.receive(), undefined);
    await assert.rejects(async () => {
      for (;;) await talk.send(Buffer.alloc(9));
    }, /ended "converse" early/);
  });

  add("the signal ends the call on both sides", async ({ exchange, server }) => {
    const controller = new AbortController();
    const talk = exchange({ signal: controller.signal });
    await talk.send(Buffer.from("hello"));
    assert.equal(await textOf(talk), "5");
    const next = assert.rejects(talk.receive(), { code: "Cancelled" });
    controller.abort();
    await next;
    await server.cancelled();
  });

  add("a signal that has aborted makes no call", async ({ exchange }) => {
    const talk = exchange({ signal: AbortSignal.abort() });
    await assert.rejects(talk.send(Buffer.from("hello")), { code: "Cancelled" });
    await assert.rejects(talk.receive(), { code: "Cancelled" });
  });

  add("closing the transport ends the call", async ({ exchange, transport }) => {
    const talk = exchange();
    await talk.send(Buffer.from("hello"));
    assert.equal(await textOf(talk), "5");
    transport.close();
    await assert.rejects(talk.receive(), { code: "Unavailable" });
  });

  add("the deadline ends the call", async ({ exchange }) => {
    const talk = exchange({ timeoutMs: 2_000 });
    await talk.send(Buffer.from("hello"));
    assert.equal(await textOf(talk), "5");
    await assert.rejects(talk.receive(), { code: "DeadlineExceeded" });
  });

  return cases;
}

interface Place {
  readonly transport: ExchangeTransport;
  readonly server: ByteServer;
  exchange(call?: Partial<TransportCall>): MessageExchange;
}

async function openPlace(open: OpenExchangeTransport, cleanup: Cleanup): Promise<Place> {
  const path = join(await temporaryDirectory(cleanup, "exchange"), "s.sock");
  const server = await startByteServer(cleanup, `unix:${path}`);
  const endpoint = { kind: "unix", text: `unix://${path}`, path, apiVersion: undefined } as const;
  const transport = open(endpoint, { connectTimeoutMs: 20_000 });
  cleanup.add("close transport", () => transport.close());
  return {
    transport,
    server,
    exchange: (call = {}) =>
      transport.exchange({ path: "/test.Bytes/converse", timeoutMs: 0, ...call }),
  };
}

async function textOf(talk: MessageExchange): Promise<string | undefined> {
  const message = await talk.receive();
  return message === undefined ? undefined : Buffer.from(message).toString();
}
