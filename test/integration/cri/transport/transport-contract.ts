import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { UnixEndpoint } from "../../../../src/cri/parse-endpoint.ts";
import {
  MAX_MESSAGE_BYTES,
  type Transport,
  type TransportCall,
} from "../../../../src/cri/transport.ts";
import { STATUS_CODES, StatusError } from "../../../../src/errors/status-error.ts";
import type { Cleanup } from "../../../support/cleanup.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { waitUntil } from "../../../support/wait-until.ts";
import { type ByteServer, startByteServer } from "./byte-server.ts";

export type OpenTransport = (
  endpoint: UnixEndpoint,
  options: { connectTimeoutMs: number },
) => Promise<Transport> | Transport;

const MIB = 1024 * 1024;

interface Client {
  readonly transport: Transport;
  readonly endpoint: string;
  readonly path: string;
  unary(
    method: string,
    message?: Uint8Array | object,
    call?: Partial<TransportCall>,
  ): Promise<Buffer>;
  stream(
    method: string,
    message?: object,
    call?: Partial<TransportCall>,
  ): AsyncIterable<Uint8Array>;
}

/** What every transport promises its callers, against a real gRPC server. */
export function transportContract(open: OpenTransport): readonly TestCase[] {
  const cases: TestCase[] = [];
  const add = (title: string, run: TestCase["run"]) => void cases.push({ title, run });
  const client = (cleanup: Cleanup, options = {}) => startClient(open, cleanup, options);
  const both = async (cleanup: Cleanup, options = {}): Promise<Client & { server: ByteServer }> => {
    const started = await client(cleanup);
    return { ...started, server: await startByteServer(cleanup, `unix:${started.path}`, options) };
  };

  for (const bytes of [0, 1, 16_379, 16_384, 65_535, 200_000]) {
    add(`carries ${bytes} bytes both ways`, async (cleanup) => {
      const { unary } = await both(cleanup);
      const sent = Buffer.alloc(bytes, "crish");
      assert.ok((await unary("echo", sent)).equals(sent));
    });
  }

  add("carries 16 MiB both ways, several at once and small ones between", async (cleanup) => {
    const { unary } = await both(cleanup);
    const large = Buffer.from(Uint32Array.from({ length: 4 * MIB }, (_, at) => at * 31).buffer);
    const calls = [0, 1, 2].map(() => unary("echo", large));
    const small = Array.from({ length: 50 }, (_, at) => unary("echo", Buffer.from(`small ${at}`)));
    for (const [at, answer] of (await Promise.all(small)).entries()) {
      assert.equal(answer.toString(), `small ${at}`);
    }
    for (const answer of await Promise.all(calls)) assert.ok(answer.equals(large));
  });

  add("refuses messages beyond 64 MiB in both directions, and goes on", async (cleanup) => {
    const { unary, stream } = await both(cleanup);
    await assert.rejects(unary("echo", new Uint8Array(MAX_MESSAGE_BYTES + 1)), {
      code: "ResourceExhausted",
      message: `Attempted to send message with a size larger than ${MAX_MESSAGE_BYTES}`,
    });
    const reading = collect(stream("count", { messages: 1, bytes: MAX_MESSAGE_BYTES + 1 }));
    await assert.rejects(reading, {
      code: "ResourceExhausted",
      message: `Received message larger than max (${MAX_MESSAGE_BYTES + 1} vs ${MAX_MESSAGE_BYTES})`,
    });
    assert.equal((await unary("echo", Buffer.from("on"))).toString(), "on");
  });

  add(
    "keeps the code and the text of every failure, whatever characters it has",
    async (cleanup) => {
      const { unary } = await both(cleanup);
      const text = 'größer als 100 % "quoted"\tand a line\nbreak, 日本 🚀';
      for (const [at, code] of STATUS_CODES.entries()) {
        const call = unary("fail", { code: at + 1, details: `${code}: ${text}` });
        await assert.rejects(call, { name: "StatusError", code, message: `${code}: ${text}` });
      }
      const unknown = unary("fail", { code: 77, details: "odd" });
      await assert.rejects(unknown, { code: "Unknown", message: "odd" });
    },
  );

  add("calls a method that is not there unimplemented, by its name", async (cleanup) => {
    const { unary, endpoint } = await both(cleanup);
    const message = `"${endpoint}" does not implement "Nothing"`;
    await assert.rejects(unary("Nothing"), { code: "Unimplemented", message });
  });

  add("sends deadline and metadata, text and binary", async (cleanup) => {
    const { unary } = await both(cleanup);
    const metadata = { "X-Text": "a ~ b", "x-data-bin": "AAEC/w==" };
    const facts = JSON.parse(
      (await unary("facts", {}, { timeoutMs: 20_000, metadata })).toString(),
    );
    assert.equal(facts["x-text"], "a ~ b");
    assert.equal(facts["x-data-bin"], "AAEC/w==");
    assert.ok(facts.leftMs > 5000 && facts.leftMs <= 20_000, String(facts.leftMs));
    assert.equal(JSON.parse((await unary("facts", {})).toString()).leftMs, null);
  });

  for (const metadata of [
    { "x y": "a" },
    { ":path": "/" },
    { "grpc-timeout": "1S" },
    { x: "a\nb" },
    { x: "ä" },
    { "x-bin": "not base64!" },
  ]) {
    add(`refuses the metadata ${JSON.stringify(metadata)}`, async (cleanup) => {
      const { unary, stream } = await both(cleanup);
      await assert.rejects(unary("echo", {}, { metadata }), { code: "InvalidArgument" });
      await assert.rejects(collect(stream("count", { messages: 1 }, { metadata })), {
        code: "InvalidArgument",
      });
    });
  }

  add("ends a call at its deadline, here and at the server", async (cleanup) => {
    const { unary, stream, server, endpoint } = await both(cleanup);
    const late = (method: string) => `no answer to "${method}" from "${endpoint}" within 0.4 s`;
    await unary("echo");
    await assert.rejects(unary("hang", {}, { timeoutMs: 400 }), {
      code: "DeadlineExceeded",
      message: late("hang"),
    });
    await server.cancelled();
    await assert.rejects(collect(stream("endless", {}, { timeoutMs: 400 })), {
      code: "DeadlineExceeded",
      message: late("endless"),
    });
    await server.cancelled();
  });

  add("ends a call when its signal is aborted, with the signal's own reason", async (cleanup) => {
    const { unary, stream, server } = await both(cleanup);
    const plain = new AbortController();
    const call = unary("hang", {}, { signal: plain.signal });
    await server.reached();
    plain.abort();
    await assert.rejects(call, { code: "Cancelled", message: '"hang" was cancelled' });
    await server.cancelled();
    const reasoned = new AbortController();
    const reading = collect(stream("endless", {}, { signal: reasoned.signal }), () =>
      reasoned.abort(new StatusError("FailedPrecondition", "the terminal is gone")),
    );
    await assert.rejects(reading, { code: "FailedPrecondition", message: "the terminal is gone" });
    await server.cancelled();
    await assert.rejects(unary("echo", {}, { signal: AbortSignal.abort() }), { code: "Cancelled" });
    await assert.rejects(collect(stream("count", {}, { signal: AbortSignal.abort() })), {
      code: "Cancelled",
    });
  });

  add("streams many messages in their order, and an empty stream", async (cleanup) => {
    const { stream } = await both(cleanup);
    const messages = await collect(stream("count", { messages: 3000, bytes: 1000 }));
    assert.deepEqual(
      messages.map((message) => message[999]),
      messages.map((_, at) => (at + 1) % 256),
    );
    assert.equal(messages.length, 3000);
    assert.deepEqual(await collect(stream("count", { messages: 0 })), []);
  });

  add("does not read a stream faster than its reader", async (cleanup) => {
    const { stream, server } = await both(cleanup);
    let read = 0;
    let madeAtFirst = 0;
    for await (const _ of stream("count", { messages: 3000, bytes: 32 * 1024 })) {
      if (read++ > 0) continue;
      let last = -1;
      const stands = () => {
        const before = last;
        last = server.made();
        return before === last;
      };
      await waitUntil("the number stands still", stands, { intervalMs: 100 });
      madeAtFirst = server.made();
    }
    assert.equal(read, 3000);
    assert.ok(madeAtFirst < 1000, `${madeAtFirst} of 3000 were made for a reader of one`);
  });

  add("cancels a stream whose reader leaves", async (cleanup) => {
    const { stream, server } = await both(cleanup);
    for await (const message of stream("endless")) {
      assert.equal(Buffer.from(message).toString(), "first");
      break;
    }
    await server.cancelled();
  });

  add("fails a stream after the messages before the failure", async (cleanup) => {
    const { stream } = await both(cleanup);
    let read = 0;
    const reading = collect(
      stream("count", { messages: 5, bytes: 10, code: 15, details: "the rest is gone" }),
      () => read++,
    );
    await assert.rejects(reading, { code: "DataLoss", message: "the rest is gone" });
    assert.equal(read, 5);
  });

  add("waits where the server allows few calls at once", async (cleanup) => {
    const { unary } = await both(cleanup, { "grpc.max_concurrent_streams": 2 });
    const answers = Array.from({ length: 40 }, (_, at) => unary("echo", Buffer.from(String(at))));
    assert.deepEqual((await Promise.all(answers)).map(String), [...Array(40).keys()].map(String));
  });

  for (const [title, errno, prepare] of [
    ["is not there", "ENOENT", async () => undefined],
    ["nobody listens on", "ECONNREFUSED", leaveDeadSocket],
  ] as const) {
    add(`says that a socket ${title}`, async (cleanup) => {
      const { unary, stream, endpoint, path } = await client(cleanup);
      await prepare(path);
      const refused = (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, "Unavailable");
        assert.equal(error.message, `cannot connect to "${endpoint}"`);
        assert.equal((error.cause as { code?: unknown }).code, errno);
        return true;
      };
      await assert.rejects(unary("echo"), refused);
      await assert.rejects(collect(stream("count")), refused);
    });
  }

  add("says that there is no connection where the server says nothing in time", async (cleanup) => {
    const { unary, endpoint, path } = await client(cleanup, { connectTimeoutMs: 150 });
    await startMuteServer(cleanup, path);
    await assert.rejects(unary("echo"), {
      code: "Unavailable",
      message: `cannot connect to "${endpoint}"`,
    });
  });

  add("says that the connection is lost where it breaks, and makes another", async (cleanup) => {
    const { unary, stream, endpoint, path } = await client(cleanup);
    const server = await startByteServer(cleanup, `unix:${path}.behind`);
    const relay = await startRelay(cleanup, path);
    const reading = collect(stream("endless"));
    const call = unary("hang");
    await server.reached();
    await relay.stop();
    const lost = { code: "Unavailable", message: `lost the connection to "${endpoint}"` };
    await assert.rejects(call, lost);
    await assert.rejects(reading, lost);
    await assert.rejects(unary("echo"), { message: `cannot connect to "${endpoint}"` });
    await startRelay(cleanup, path);
    assert.equal((await unary("echo", Buffer.from("back"))).toString(), "back");
  });

  add("ends its calls when it is closed, and takes no more", async (cleanup) => {
    const { unary, stream, server, transport, endpoint } = await both(cleanup);
    const calls = [unary("hang"), collect(stream("endless"))];
    await server.reached();
    const closed = { code: "Unavailable", message: `the connection to "${endpoint}" was closed` };
    const failed = Promise.all(calls.map((call) => assert.rejects(call, closed)));
    transport.close();
    await failed;
    transport.close();
    await assert.rejects(unary("echo"), closed);
    await assert.rejects(collect(stream("count")), closed);
  });
  return cases;
}

async function startClient(
  open: OpenTransport,
  cleanup: Cleanup,
  options: { connectTimeoutMs?: number },
): Promise<Client> {
  const path = join(await temporaryDirectory(cleanup, "transport"), "s.sock");
  const endpoint = { kind: "unix", text: `unix://${path}`, path, apiVersion: undefined } as const;
  const transport = await open(endpoint, { connectTimeoutMs: 20_000, ...options });
  cleanup.add("close transport", () => transport.close());
  const toCall = (
    method: string,
    message: Uint8Array | object = {},
    call: Partial<TransportCall> = {},
  ): TransportCall => ({
    path: `/test.Bytes/${method}`,
    message: message instanceof Uint8Array ? message : Buffer.from(JSON.stringify(message)),
    timeoutMs: 0,
    ...call,
  });
  return {
    transport,
    path,
    endpoint: endpoint.text,
    unary(method, message, call) {
      const answer = transport
        .unary(toCall(method, message, call))
        .then((bytes) => Buffer.from(bytes));
      answer.catch(() => undefined);
      return answer;
    },
    stream: (method, message, call) => transport.serverStream(toCall(method, message, call)),
  };
}

function collect(
  messages: AsyncIterable<Uint8Array>,
  onMessage: () => void = () => undefined,
): Promise<Uint8Array[]> {
  const reading = (async () => {
    const read: Uint8Array[] = [];
    for await (const message of messages) {
      read.push(message);
      onMessage();
    }
    return read;
  })();
  reading.catch(() => undefined);
  return reading;
}

/** A socket file whose server was killed. */
async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.alive`);
  await once(server, "listening");
  const { link } = await import("node:fs/promises");
  await link(`${path}.alive`, path);
  server.close();
  await once(server, "close");
}

async function startMuteServer(cleanup: Cleanup, path: string): Promise<void> {
  const sockets = new Set<Socket>();
  const mute = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.resume();
  });
  mute.listen(path);
  await once(mute, "listening");
  cleanup.add("close the mute server", () => {
    mute.close();
    for (const socket of sockets) socket.destroy();
  });
}

/** Passes bytes to the server at `PATH.behind`, until it breaks every connection at once. */
async function startRelay(cleanup: Cleanup, path: string): Promise<{ stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const relay = createServer((socket) => {
    const behind = connect(`${path}.behind`);
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  relay.listen(path);
  await once(relay, "listening");
  const stop = async () => {
    if (!relay.listening) return;
    const closed = once(relay, "close");
    relay.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  cleanup.add("stop relay", stop);
  return { stop };
}
