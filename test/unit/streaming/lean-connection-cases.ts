import assert from "node:assert/strict";
import { leanExec } from "../../../src/streaming/lean/lean-exec.ts";
import type { SpdyFrame } from "../../../src/streaming/spdy/frame.ts";
import {
  data,
  ERROR,
  reply,
  reset,
  STDERR,
  STDOUT,
  SUCCESS,
  startSpdyServer,
  switching,
  V4,
} from "../../support/spdy-server.ts";
import type { TestCase } from "../../support/test-case.ts";
import { execRequest } from "./exec-request.ts";
import { openLeanExec, startLeanExec } from "./lean-peer.ts";
import { outputRecord } from "./output-record.ts";

/** Passes within a test, and not before a busy machine has exchanged what comes first: 50 ms did. */
const WHILE_MS = 1000;
const nonZero = (status: string) =>
  `{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"${status}"}]}}`;
const BROKEN = {
  code: "Unavailable",
  message: "connection broke before the command's status arrived",
};

const REFUSED: readonly (readonly [answer: string, expected: { code: string; message: RegExp }])[] =
  [
    ...(
      [
        [404, "NotFound"],
        [403, "PermissionDenied"],
        [401, "Unauthenticated"],
        [400, "InvalidArgument"],
        [500, "Unavailable"],
      ] as const
    ).map(
      ([status, code]) =>
        [
          `HTTP/1.1 ${status} X\r\nContent-Length: 7\r\n\r\nbecause`,
          { code, message: new RegExp(`${status}: because`) },
        ] as const,
    ),
    ["HTTP/1.1 404 X\r\n\r\n", { code: "NotFound", message: /status 404$/ }],
    [
      `HTTP/1.1 500 X\r\nContent-Length: 9999999\r\n\r\n${"y".repeat(5000)}`,
      { code: "Unavailable", message: /500: y{200}$/ },
    ],
    [
      "HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n",
      { code: "Unavailable", message: /something else than SPDY/ },
    ],
    ["HTTP/1.1 101 X\r\n\r\n", { code: "Unavailable", message: /something else than SPDY/ }],
    ["SSH-2.0-OpenSSH\r\n\r\n", { code: "Unavailable", message: /does not speak HTTP/ }],
    ["HTTP/1.1 1x1 X\r\n\r\n", { code: "Unavailable", message: /does not speak HTTP/ }],
    ["HTTP/1.1 101 X\r\nnonsense\r\n\r\n", { code: "Unavailable", message: /HTTP: "nonsense"/ }],
    [`HTTP/1.1 101 X\r\n${"a".repeat(70_000)}`, { code: "Unavailable", message: /endless/ }],
  ];

export const CASES: readonly TestCase[] = [
  {
    title: "asks for SPDY/3.1 and for the two protocols that tell a status",
    async run(cleanup) {
      const { peer, server } = await startLeanExec(cleanup);
      assert.deepEqual((await peer.request()).split("\r\n"), [
        "POST /exec/token HTTP/1.1",
        `Host: ${server.host}`,
        "Connection: Upgrade",
        "Upgrade: SPDY/3.1",
        "X-Stream-Protocol-Version: v5.channel.k8s.io",
        "X-Stream-Protocol-Version: v4.channel.k8s.io",
        "Content-Length: 0",
      ]);
    },
  },
  {
    title: "connects to an IPv6 address",
    async run(cleanup) {
      const server = await startSpdyServer(cleanup, "::1");
      const io = { write: outputRecord().write, signal: new AbortController().signal };
      const running = leanExec(server.url, execRequest([]), io);
      const peer = await server.accept();
      await peer.open();
      peer.say(data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
    },
  },
  {
    title: "says what a refusal means, and Unavailable to an answer that is none",
    async run(cleanup) {
      for (const [answer, { code, message }] of REFUSED) {
        const { running, peer } = await startLeanExec(cleanup);
        await peer.request();
        peer.send(Buffer.from(answer));
        await assert.rejects(running, (error: Error & { code: string }) => {
          assert.equal(error.code, code, answer.slice(0, 40));
          assert.match(error.message, message);
          return true;
        });
        await peer.closed();
      }
    },
  },
  {
    title: "says Unavailable where the connection ends before the answer does",
    async run(cleanup) {
      for (const answer of ["", "HTTP/1.1 101 X\r\nUpgrade"]) {
        const { running, peer } = await startLeanExec(cleanup);
        await peer.request();
        peer.socket.end(answer);
        await assert.rejects(running, { code: "Unavailable", message: /cannot be reached/ });
      }
    },
  },
  {
    title: "says what a refusal means whose reason is cut short, by the end or by the time",
    async run(cleanup) {
      for (const [body, message] of [
        ["", /refused the connection with status 403$/],
        ["beca", /status 403: beca$/],
      ] as const) {
        for (const isEnded of [true, false]) {
          const { running, peer } = await startLeanExec(
            cleanup,
            isEnded ? {} : { timeoutMs: WHILE_MS },
          );
          await peer.request();
          const answer = `HTTP/1.1 403 X\r\nContent-Length: 7\r\n\r\n${body}`;
          if (isEnded) peer.socket.end(answer);
          else peer.send(Buffer.from(answer));
          await assert.rejects(running, { code: "PermissionDenied", message });
        }
      }
    },
  },
  {
    title: "gives up a server that does not answer in time, and lets go of the connection",
    async run(cleanup) {
      const { running, peer, server } = await startLeanExec(cleanup, { timeoutMs: 50 });
      const message = `no answer from "${server.host}" in 50 ms`;
      await assert.rejects(running, { code: "Unavailable", message });
      await peer.closed();
    },
  },
  {
    title: "gives up a server that does not accept the streams in time",
    async run(cleanup) {
      const { running, peer } = await startLeanExec(cleanup, { timeoutMs: WHILE_MS });
      await peer.upgrade();
      peer.say(reply(ERROR), reply(STDERR));
      const message = `streams were not accepted in ${WHILE_MS} ms`;
      await assert.rejects(running, { code: "Unavailable", message });
      await peer.closed();
    },
  },
  {
    title: "says Cancelled when it is interrupted while connecting or waiting for the streams",
    async run(cleanup) {
      for (const upgrades of [false, true]) {
        const { running, peer, abort } = await startLeanExec(cleanup);
        await (upgrades ? peer.upgrade() : peer.request());
        abort();
        await assert.rejects(running, { code: "Cancelled" });
        await peer.closed();
      }
    },
  },
  {
    title: "says at once that a stream is refused or reset, whichever of the three it is",
    async run(cleanup) {
      for (const streamId of [ERROR, STDOUT, STDERR]) {
        for (const [status, what] of [
          [3, "refused"],
          [5, "reset"],
        ] as const) {
          const { running, peer } = await startLeanExec(cleanup);
          await peer.upgrade();
          peer.say(reset(streamId, status));
          const message = `peer ${what} the stream`;
          await assert.rejects(running, { code: "Unavailable", message });
          await peer.closed();
        }
      }
    },
  },
  {
    title: "says Unavailable when the connection breaks before the streams are accepted",
    async run(cleanup) {
      const { running, peer } = await startLeanExec(cleanup);
      await peer.upgrade();
      peer.socket.end();
      await assert.rejects(running, { code: "Unavailable", message: "connection broke" });
    },
  },
  {
    title: "keeps the output when the connection breaks before the status, in whatever way",
    async run(cleanup) {
      for (const how of ["end", "resetAndDestroy"] as const) {
        const { running, peer, out } = await openLeanExec(cleanup);
        peer.say(data(STDOUT, "half a sentence"), data(ERROR, SUCCESS.slice(0, 9)));
        await peer.roundTrip();
        peer.socket[how]();
        const expected = { code: "Internal", message: /status of the command cannot be read/ };
        await assert.rejects(running, expected);
        assert.equal(out.text("stdout"), "half a sentence");
      }
      const { running, peer } = await openLeanExec(cleanup);
      peer.socket.end();
      await assert.rejects(running, BROKEN);
    },
  },
  {
    title: "takes a whole status for the end, though the server ends no stream and no connection",
    async run(cleanup) {
      const { running, peer, out } = await openLeanExec(cleanup);
      peer.say(data(STDOUT, "out"), data(STDERR, "err"), data(ERROR, nonZero("7")));
      assert.deepEqual(await running, { exitCode: 7 });
      assert.deepEqual([out.text("stdout"), out.text("stderr")], ["out", "err"]);
      await peer.next("goaway");
      await peer.closed();
    },
  },
  {
    title: "keeps output that comes with the status, though behind it",
    async run(cleanup) {
      const { running, peer, out } = await openLeanExec(cleanup);
      peer.say(data(ERROR, SUCCESS), data(STDOUT, "late"));
      assert.deepEqual(await running, { exitCode: 0 });
      assert.equal(out.text("stdout"), "late");
    },
  },
  {
    title: "ends when the status has come and the connection breaks then",
    async run(cleanup) {
      const { running, peer } = await openLeanExec(cleanup);
      peer.say(data(ERROR, SUCCESS));
      peer.socket.end();
      assert.deepEqual(await running, { exitCode: 0 });
    },
  },
  {
    title: "puts a status together from its parts, also amid a character",
    async run(cleanup) {
      const status = Buffer.from('{"status":"Failure","message":"größer","code":412}');
      const { running, peer } = await openLeanExec(cleanup);
      for (let at = 0; at < status.length; at += 5) {
        await peer.roundTrip();
        peer.say(data(ERROR, status.subarray(at, at + 5)));
      }
      await assert.rejects(running, { code: "FailedPrecondition", message: "größer" });
    },
  },
  {
    title: "says Unavailable to no status, and Internal to one that is none or too long",
    async run(cleanup) {
      for (const [text, expected] of [
        ["", BROKEN],
        ["{}", { code: "Internal", message: /cannot be read: "{}"/ }],
        ['{"status"', { code: "Internal", message: /cannot be read/ }],
        [nonZero("N"), { code: "Internal", message: /cannot be read/ }],
        [`"${"x".repeat(70_000)}"`, { code: "Internal", message: "status is too long" }],
      ] as const) {
        const { running, peer } = await openLeanExec(cleanup);
        peer.say(data(ERROR, text, true), data(STDOUT, "", true), data(STDERR, "", true));
        await assert.rejects(running, expected);
      }
    },
  },
  {
    title: "goes on with the output behind a status that is far too long",
    async run(cleanup) {
      const { running, peer, out } = await openLeanExec(cleanup);
      for (let round = 0; round < 64; round++) peer.say(data(ERROR, Buffer.alloc(65_536, 120)));
      peer.say(data(STDOUT, "all of it", true), data(STDERR, "", true));
      await assert.rejects(running, { code: "Internal", message: "status is too long" });
      assert.equal(out.text("stdout"), "all of it");
    },
  },
  {
    title: "understands the plain text of older protocols, which ends with its stream",
    async run(cleanup) {
      for (const protocol of ["v3.channel.k8s.io", "v2.channel.k8s.io", ""]) {
        for (const [text, code] of [
          ["", undefined],
          ["command terminated with exit code 2", "Unknown"],
          ["exec: executable file not found in $PATH", "NotFound"],
          ["fork/exec /x: permission denied", "PermissionDenied"],
        ] as const) {
          const { running, peer, out } = await openLeanExec(cleanup, { protocol });
          peer.say(data(STDOUT, "out", true), data(ERROR, text), data(STDERR, "", true));
          await peer.roundTrip();
          peer.say(data(ERROR, "", true));
          if (code === undefined) assert.deepEqual(await running, { exitCode: 0 });
          else await assert.rejects(running, { code, message: text });
          assert.equal(out.text("stdout"), "out");
        }
      }
    },
  },
  {
    title: "tells a program that is missing from one that may not run, over JSON",
    async run(cleanup) {
      for (const [message, code] of [
        ['exec: "x": executable file not found in $PATH', "NotFound"],
        ["stat /x: no such file or directory", "NotFound"],
        ["exec /etc/passwd: permission denied", "PermissionDenied"],
        ["something else", "Unknown"],
      ] as const) {
        const { running, peer } = await openLeanExec(cleanup);
        const status = { status: "Failure", message, reason: "InternalError", code: 500 };
        peer.say(data(ERROR, JSON.stringify(status)));
        await assert.rejects(running, { code, message });
      }
    },
  },
  {
    title: "reads a conversation that comes byte by byte, or all at once",
    async run(cleanup) {
      const frames: SpdyFrame[] = [
        { type: "settings", entries: [{ id: 7, value: 65_536 }] },
        { type: "window-update", streamId: 0, deltaBytes: 1000 },
        ...[ERROR, STDOUT, STDERR].map(reply),
        data(STDOUT, "one "),
        data(STDERR, "two", true),
        data(STDOUT, ""),
        { type: "ping", id: 2 },
        { type: "headers", streamId: STDOUT, fin: false, headers: new Map([["a", "b"]]) },
        data(STDOUT, "three", true),
        { type: "goaway", lastStreamId: 0, status: 0 },
        data(ERROR, nonZero("42")),
      ];
      for (const partBytes of [1, 2, 7, 100_000]) {
        const { running, peer, out } = await startLeanExec(cleanup);
        await peer.request();
        const bytes = Buffer.concat([switching(V4), ...frames.map((frame) => peer.encode(frame))]);
        peer.socket.setNoDelay(true);
        for (let at = 0; at < bytes.length; at += partBytes) {
          peer.socket.write(bytes.subarray(at, at + partBytes));
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.deepEqual(await running, { exitCode: 42 });
        assert.deepEqual([out.text("stdout"), out.text("stderr")], ["one three", "two"]);
      }
    },
  },
];
