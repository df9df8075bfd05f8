import * as grpc from "@grpc/grpc-js";
import { MAX_MESSAGE_BYTES } from "../../../../src/cri/transport.ts";
import type { Cleanup } from "../../../support/cleanup.ts";

/** A grpc-js server of bytes, whose methods do what their request says. */
export interface ByteServer {
  /** Resolves with each call of `Hang` or `Endless` that the server saw cancelled. */
  cancelled(): Promise<void>;
  /** Resolves with each call of `Hang` that has reached the server. */
  reached(): Promise<void>;
  /** Messages that `Count` has made so far. */
  made(): number;
}

type Unary = grpc.handleUnaryCall<Buffer, Buffer>;
type Streaming = grpc.handleServerStreamingCall<Buffer, Buffer>;

export async function startByteServer(
  cleanup: Cleanup,
  target: string,
  options: grpc.ServerOptions = {},
): Promise<ByteServer> {
  const cancelled = new Signals();
  const reached = new Signals();
  let made = 0;
  const echo: Unary = (call, callback) => callback(null, call.request);
  const fail: Unary = (call, callback) => {
    const { code, details } = JSON.parse(call.request.toString());
    callback({ code, details, metadata: new grpc.Metadata() });
  };
  const facts: Unary = (call, callback) => {
    const deadline = call.getDeadline();
    const leftMs = deadline === Number.POSITIVE_INFINITY ? null : Number(deadline) - Date.now();
    const values = [...Object.entries(call.metadata.getMap())].map(([key, value]) => [
      key,
      typeof value === "string" ? value : value.toString("base64"),
    ]);
    callback(null, Buffer.from(JSON.stringify({ leftMs, ...Object.fromEntries(values) })));
  };
  const hang: Unary = (call) => {
    call.on("cancelled", () => cancelled.signal());
    call.sendMetadata(new grpc.Metadata());
    reached.signal();
  };
  const count: Streaming = (call) => {
    const { messages, bytes = 0, code, details } = JSON.parse(call.request.toString());
    call.on("cancelled", () => cancelled.signal());
    const more = () => {
      for (; made < messages && !call.cancelled; ) {
        made++;
        if (!call.write(Buffer.alloc(bytes, made))) {
          call.once("drain", more);
          return;
        }
      }
      if (code === undefined) call.end();
      else call.emit("error", { code, details });
    };
    more();
  };
  const endless: Streaming = (call) => {
    call.on("cancelled", () => cancelled.signal());
    call.write(Buffer.from("first"));
  };
  // Answers each message with its length, but for "end" and "fail:CODE", which end the call.
  const converse: grpc.handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    call.on("cancelled", () => cancelled.signal());
    call.on("data", (message: Buffer) => {
      const text = message.length < 20 ? message.toString() : "";
      if (text === "end") {
        call.end();
      } else if (text.startsWith("fail:")) {
        call.emit("error", { code: Number(text.slice(5)), details: "as told" });
      } else {
        call.write(Buffer.from(String(message.length)));
        if (text === "stop reading") call.pause();
      }
    });
  };
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES * 2,
    ...options,
  });
  const handlers = { echo, fail, facts, hang, count, endless, converse };
  const streaming = ["count", "endless", "converse"];
  const definition = Object.fromEntries(
    Object.keys(handlers).map((name) => [name, methodDefinition(name, streaming.includes(name))]),
  );
  server.addService(definition, handlers as unknown as grpc.UntypedServiceImplementation);
  await new Promise<void>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(target, credentials, (error) => (error === null ? resolve() : reject(error)));
  });
  cleanup.add("stop byte server", () => server.forceShutdown());
  return {
    cancelled: () => cancelled.next(),
    reached: () => reached.next(),
    made: () => made,
  };
}

const same = (bytes: Buffer): Buffer => bytes;

function methodDefinition(
  name: string,
  responseStream: boolean,
): grpc.MethodDefinition<Buffer, Buffer> {
  return {
    path: `/test.Bytes/${name}`,
    requestStream: name === "converse",
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

/** Each signal is taken once, in either order. */
class Signals {
  #come = 0;
  readonly #waiting: (() => void)[] = [];

  signal(): void {
    const wanted = this.#waiting.shift();
    if (wanted === undefined) this.#come++;
    else wanted();
  }

  async next(): Promise<void> {
    if (this.#come > 0) this.#come--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
