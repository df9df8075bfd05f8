import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openGrpcJsTransport } from "../../../../src/cri/grpc-js-transport.ts";
import { openLeanTransport } from "../../../../src/cri/lean-transport.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";
import {
  answer,
  END_STREAM,
  type FrameConnection,
  type FrameServer,
  frame,
  headersFrame,
  message,
  RESPONSE,
  settingsFrame,
  startFrameServer,
  TYPE,
  u32,
} from "../../../support/frame-server.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";
import { runCase } from "../../../support/test-case.ts";

/** What a server does with the first request of a connection, after its settings. */
type Script = (connection: FrameConnection, streamId: number) => void;

const part =
  (bytes: Uint8Array | string, flags = 0) =>
  (streamId: number) =>
    frame(TYPE.data, flags, streamId, Buffer.from(bytes));
const content = part(message(Buffer.from("content")));
const trailersOnly =
  (headers: Readonly<Record<string, string>>): Script =>
  (connection, streamId) =>
    connection.send(headersFrame(streamId, { ...RESPONSE, ...headers }, END_STREAM));
const responding =
  (...frames: ((streamId: number) => Uint8Array)[]): Script =>
  (connection, streamId) =>
    connection.send(headersFrame(streamId, RESPONSE), ...frames.map((make) => make(streamId)));
const trailers = (headers: Readonly<Record<string, string>>) => (streamId: number) =>
  headersFrame(streamId, headers, END_STREAM);
const reset = (code: number) => (streamId: number) => frame(TYPE.reset, 0, streamId, u32(code));

const SCRIPTS: Record<string, Script> = {
  "an answer": responding(content, trailers({ "grpc-status": "0" })),
  "an answer, then a failure": responding(
    content,
    trailers({ "grpc-status": "9", "grpc-message": "late" }),
  ),
  "OK without a message": trailersOnly({ "grpc-status": "0" }),
  "an empty message": responding(part(message(Buffer.alloc(0))), trailers({ "grpc-status": "0" })),
  "an end without trailers": responding(part("", END_STREAM)),
  "a message without trailers": responding(part(message(Buffer.from("x")), END_STREAM)),
  "trailers without a status": responding(content, trailers({ "x-other": "1" })),
  "a page of HTML": responding(part("<html><body>Not Found</body></html>", END_STREAM)),
  "a page of HTML that says 404": (connection, streamId) =>
    connection.send(
      headersFrame(streamId, { ":status": "404", "content-type": "text/html" }),
      part("<html><body>Not Found</body></html>", END_STREAM)(streamId),
    ),
  "an error of HTTP with a status of gRPC": trailersOnly({
    ":status": "503",
    "grpc-status": "5",
    "grpc-message": "no such pod",
  }),
  "a connection that ends at once": (connection) => connection.destroy(),
  "a connection that ends after a GOAWAY": (connection, streamId) => {
    connection.send(
      frame(TYPE.goAway, 0, 0, Buffer.concat([u32(streamId, 0), Buffer.from("bye")])),
    );
    connection.end();
  },
  "a refusal, then an answer": (connection, streamId) => {
    connection.send(reset(7)(streamId));
    void connection.request().then(({ streamId: again }) => connection.send(answer(again)));
  },
};
for (const status of [200, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504]) {
  SCRIPTS[`the status ${status} of HTTP alone`] = trailersOnly({ ":status": String(status) });
}
for (const status of ["1", "4", "5", "12", "13", "14", "16", "17", "99", "-1", "abc", ""]) {
  SCRIPTS[`the status ${JSON.stringify(status)} of gRPC`] = trailersOnly({
    "grpc-status": status,
    "grpc-message": "as it is",
  });
}
for (const details of [
  "",
  "unknown service runtime.v1.RuntimeService",
  "unknown method Foo",
  "rpc error: code = NotFound desc = rpc error: code = Unknown desc = gone",
  "gr%C3%B6%C3%9Fer %25 %0A end",
  "50% full and %zz",
  "cut %C3",
  "GOAWAY received",
  "connect ECONNREFUSED 10.0.0.1:443",
  "context deadline exceeded",
]) {
  for (const status of ["4", "5", "12", "14"]) {
    SCRIPTS[`the status ${status} with ${JSON.stringify(details)}`] = trailersOnly({
      "grpc-status": status,
      "grpc-message": details,
    });
  }
}
for (const code of [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 13, 99]) {
  SCRIPTS[`a reset with ${code}`] = (connection, streamId) =>
    connection.send(reset(code)(streamId));
  SCRIPTS[`a reset with ${code} after a message`] = responding(content, reset(code));
}

describe("the lean and the grpc-js transport make the same of", () => {
  for (const [title, script] of Object.entries(SCRIPTS)) {
    it(title, () =>
      runCase({
        title,
        async run(cleanup) {
          const server = await startFrameServer(cleanup);
          const endpoint = {
            kind: "unix",
            text: `unix://${server.path}`,
            path: server.path,
            apiVersion: undefined,
          } as const;
          const options = { connectTimeoutMs: 20_000 };
          const lean = openLeanTransport(endpoint, options);
          const grpcJs = await openGrpcJsTransport(endpoint, options);
          for (const transport of [lean, grpcJs]) {
            cleanup.add("close transport", () => transport.close());
          }
          const call = { path: "/test.Bytes/Get", message: Buffer.from("ask"), timeoutMs: 60_000 };
          const outcomes = [];
          for (const transport of [lean, grpcJs]) {
            outcomes.push(await outcome(server, script, () => transport.unary(call)));
          }
          assert.deepEqual(outcomes[0], outcomes[1]);
        },
      }),
    );
  }
});

async function outcome(
  server: FrameServer,
  script: Script,
  start: () => Promise<Uint8Array>,
): Promise<unknown> {
  const ended = start().then(
    (bytes) => Buffer.from(bytes).toString(),
    (error: unknown) => {
      assert.ok(error instanceof StatusError, String(error));
      const { code, message: text, hint, cause } = error;
      return { code, text, hint, cause: String(cause) };
    },
  );
  const connection = await server.accept();
  connection.send(settingsFrame());
  script(connection, (await connection.request()).streamId);
  return await ended;
}

describe("the lean transport and the headers of nghttp2", () => {
  it("reads every byte that a header may have, Huffman-coded", () =>
    runCase({
      title: "",
      async run(cleanup) {
        const path = join(await temporaryDirectory(cleanup), "s.sock");
        // Zeros have short codes: beside them even the longest code is worth its while.
        const texts = LEGAL.map((byte) => `a${String.fromCharCode(byte)}${"0".repeat(40)}`);
        let served = 0;
        const server = createServer();
        server.on("stream", (stream: ServerHttp2Stream) => {
          const details = texts[served++] ?? "";
          stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
          stream.on("wantTrailers", () =>
            stream.sendTrailers({ "grpc-status": "5", "grpc-message": details }),
          );
          stream.resume().end();
        });
        server.listen(path);
        await once(server, "listening");
        cleanup.add("stop server", () => void server.close());
        const endpoint = { kind: "unix", text: path, path, apiVersion: undefined } as const;
        const transport = openLeanTransport(endpoint, { connectTimeoutMs: 20_000 });
        cleanup.add("close transport", () => transport.close());
        for (const text of texts) {
          const call = { path: "/test.Bytes/Get", message: Buffer.from("x"), timeoutMs: 0 };
          await assert.rejects(transport.unary(call), { code: "NotFound", message: text });
        }
      },
    }));
});

const LEGAL = [...Array(256).keys()].filter(
  (byte) => byte >= 0x20 && byte !== 0x7f && byte !== 0x25,
);
