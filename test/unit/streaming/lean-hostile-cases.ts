import assert from "node:assert/strict";
import type { SpdyFrame } from "../../../src/streaming/spdy/frame.ts";
import {
  control,
  data,
  ERROR,
  reply,
  reset,
  type SpdyPeer,
  STDERR,
  STDOUT,
  SUCCESS,
  switching,
  u32,
  V4,
} from "../../support/spdy-server.ts";
import type { TestCase } from "../../support/test-case.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { openLeanExec, startLeanExec } from "./lean-peer.ts";
import { outputRecord } from "./output-record.ts";

const MIB = 1024 * 1024;
const TYPE = { synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goAway: 7, window: 9 };

const MALFORMED: Readonly<Record<string, (peer: SpdyPeer) => Buffer>> = {
  "frame of version 2": () => control(TYPE.ping, u32(2), { version: 2 }),
  "control frame of 65537 bytes": () =>
    control(TYPE.settings, Buffer.alloc(0), { lengthBytes: 65_537 }),
  "frame for stream 0": (peer) => peer.encode(data(0, "x")),
  "data of a stream that was never opened": (peer) => peer.encode(data(7, "x")),
  "stream 1 cannot be opened": () => control(TYPE.synStream, Buffer.alloc(10, u32(1))),
  "RST_STREAM of 4 bytes": () => control(TYPE.reset, u32(3)),
  "PING of 8 bytes": () => control(TYPE.ping, u32(2, 2)),
  "SYN_REPLY or HEADERS of 2 bytes": () => control(TYPE.synReply, Buffer.alloc(2)),
  "GOAWAY of 4 bytes": () => control(TYPE.goAway, u32(0)),
  "SETTINGS of 8 bytes": () => control(TYPE.settings, u32(1, 7)),
  "WINDOW_UPDATE of 0 bytes": () => control(TYPE.window, u32(STDOUT, 0)),
};

export const CASES: readonly TestCase[] = [
  {
    title: "says Internal to what is no SPDY, with a goodbye, before the streams are accepted",
    async run(cleanup) {
      for (const [message, bytes] of Object.entries(MALFORMED)) {
        const { running, peer } = await startLeanExec(cleanup);
        await peer.upgrade();
        peer.send(bytes(peer));
        const expected = { code: "Internal", message: `peer broke the SPDY protocol: ${message}` };
        await assert.rejects(running, expected);
        assert.equal((await peer.next("goaway")).status, 1);
        await peer.closed();
      }
    },
  },
  {
    title: "takes what is no SPDY for the end of the connection afterwards, and keeps the output",
    async run(cleanup) {
      for (const [, bytes] of Object.entries(MALFORMED)) {
        const { running, peer, out } = await openLeanExec(cleanup);
        peer.say(data(STDOUT, "so far"));
        peer.send(bytes(peer));
        await assert.rejects(running, { code: "Unavailable", message: /before the command's/ });
        assert.equal(out.text("stdout"), "so far");
        assert.equal((await peer.next("goaway")).status, 1);
        await peer.closed();
      }
    },
  },
  {
    title: "goes on without a stream that is reset when it is open; without a status it is lost",
    async run(cleanup) {
      for (const streamId of [STDOUT, STDERR]) {
        const { running, peer, out } = await openLeanExec(cleanup);
        peer.say(data(streamId, "kept"), reset(streamId), data(streamId, "late"));
        peer.say(data(ERROR, SUCCESS));
        assert.deepEqual(await running, { exitCode: 0 });
        assert.equal(out.text(streamId === STDOUT ? "stdout" : "stderr"), "kept");
      }
      const { running, peer } = await openLeanExec(cleanup);
      peer.say(reset(ERROR), reset(STDOUT), reset(STDERR));
      await assert.rejects(running, { code: "Unavailable", message: /before the command's/ });
    },
  },
  {
    title: "takes nothing that comes behind the end of a stream",
    async run(cleanup) {
      const { running, peer, out } = await openLeanExec(cleanup);
      peer.say(data(STDOUT, "all", true), data(STDOUT, "more"), data(STDOUT, "more", true));
      peer.say(data(STDERR, "", true), data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
      assert.equal(out.text("stdout"), "all");
    },
  },
  {
    title: "gives up at once a stream that has ended and goes on before it is accepted",
    async run(cleanup) {
      const { running, peer } = await startLeanExec(cleanup);
      await peer.upgrade();
      peer.say(data(STDERR, "", true), data(STDERR, "more"));
      await assert.rejects(running, { code: "Internal", message: /data after the end/ });
      assert.deepEqual(await peer.next("rst-stream"), reset(STDERR, 1));
    },
  },
  {
    title: "takes an answer that ends the stream, one to no stream, and one that comes twice",
    async run(cleanup) {
      const { running, peer } = await startLeanExec(cleanup);
      await peer.upgrade();
      for (const streamId of [STDOUT, STDERR]) {
        peer.say({ type: "syn-reply", streamId, fin: true, headers: new Map() });
      }
      peer.say(reply(ERROR), reply(ERROR), reply(99), data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
    },
  },
  {
    title: "keeps what comes before its stream is accepted until all are",
    async run(cleanup) {
      const { running, peer, out } = await startLeanExec(cleanup);
      await peer.upgrade();
      peer.say(data(STDOUT, "early"), data(ERROR, SUCCESS), reply(STDOUT), reply(ERROR));
      await peer.roundTrip();
      assert.equal(out.text("stdout"), "");
      peer.say(reply(STDERR));
      assert.deepEqual(await running, { exitCode: 0 });
      assert.equal(out.text("stdout"), "early");
    },
  },
  {
    title: "refuses the server's own streams and drops what comes on them",
    async run(cleanup) {
      const { running, peer } = await openLeanExec(cleanup);
      const headers = new Map([["streamtype", "stdin"]]);
      peer.say({ type: "syn-stream", streamId: 2, fin: false, unidirectional: false, headers });
      peer.say(data(2, "for nobody"), data(2, "", true));
      assert.deepEqual(await peer.roundTrip(), [reset(2, 3)]);
      peer.say(data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
    },
  },
  {
    title: "answers the server's pings alone, and skips control frames that it does not know",
    async run(cleanup) {
      const { running, peer } = await openLeanExec(cleanup);
      peer.send(control(5, Buffer.alloc(3)), control(999, Buffer.alloc(65_536)));
      peer.say({ type: "ping", id: 7 }, { type: "ping", id: 0xffff_fffe });
      peer.say({ type: "goaway", lastStreamId: 5, status: 0 });
      assert.deepEqual(await peer.roundTrip(), [{ type: "ping", id: 0xffff_fffe }]);
      peer.say(data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
    },
  },
  {
    title: "credits what is taken to a server that has windows, and to no other",
    async run(cleanup) {
      for (const hasWindows of [true, false]) {
        const { running, peer, out } = await openLeanExec(cleanup);
        if (hasWindows) peer.say({ type: "window-update", streamId: STDOUT, deltaBytes: 1 });
        // Settings that say nothing of windows mean none.
        else peer.say({ type: "settings", entries: [{ id: 4, value: 100 }] });
        const part = Buffer.alloc(65_536);
        for (let at = 0; at < 8; at++) peer.say(data(STDOUT, part));
        const credit = { type: "window-update", streamId: STDOUT, deltaBytes: 262_144 };
        for (let at = 0; hasWindows && at < 2; at++) {
          assert.deepEqual(await peer.next("window-update"), credit);
        }
        await waitUntil("all is taken", () => out.size("stdout") === 8 * part.length);
        assert.deepEqual(await peer.roundTrip(), []);
        peer.say(data(ERROR, SUCCESS));
        assert.deepEqual(await running, { exitCode: 0 });
      }
    },
  },
  {
    title: "gives a server the largest windows until it speaks of windows itself",
    async run(cleanup) {
      const { peer } = await startLeanExec(cleanup);
      await peer.request();
      peer.send(switching(V4));
      const initial = (value: number) => ({ type: "settings", entries: [{ id: 7, value }] });
      assert.deepEqual(await peer.next("settings"), initial(0x7fff_ffff));
      await peer.roundTrip();
      const settings: SpdyFrame = { type: "settings", entries: [{ id: 7, value: 65_536 }] };
      peer.say(settings);
      assert.deepEqual(await peer.roundTrip(), [initial(MIB)]);
      peer.say(settings, { type: "window-update", streamId: STDOUT, deltaBytes: 1 });
      assert.deepEqual(await peer.roundTrip(), []);
    },
  },
  {
    title: "sends nothing while the command runs, as the server may close at any time",
    async run(cleanup) {
      const { peer, running } = await startLeanExec(cleanup);
      await peer.upgrade();
      peer.say(...[ERROR, STDOUT, STDERR].map(reply), data(STDOUT, Buffer.alloc(1_000_000)));
      assert.deepEqual(await peer.roundTrip(), []);
      peer.say(data(STDOUT, "", true), data(STDERR, "warning", true));
      assert.deepEqual(await peer.roundTrip(), []);
      peer.say(data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
    },
  },
  {
    title: "does not read on while nothing is taken, though the server has no windows",
    async run(cleanup) {
      const gate = Promise.withResolvers<void>();
      const out = outputRecord((channel) =>
        channel === "stdout" ? gate.promise : Promise.resolve(),
      );
      const { running, peer } = await openLeanExec(cleanup, { write: out.write });
      const part = peer.encode(data(STDOUT, Buffer.alloc(65_536, 1)));
      for (let at = 0; at < 64 * 16; at++) peer.socket.write(part);
      let last = -1;
      const gone = () => peer.socket.bytesWritten - peer.socket.writableLength;
      await waitUntil(
        "the server is held back",
        () => {
          const isStill = peer.socket.writableLength > 0 && peer.socket.writableLength === last;
          last = peer.socket.writableLength;
          return isStill;
        },
        { intervalMs: 200 },
      );
      assert.ok(gone() < 32 * MIB, `${gone()} bytes`);
      gate.resolve();
      peer.say(data(STDERR, "end"), data(ERROR, SUCCESS));
      peer.socket.end();
      assert.deepEqual(await running, { exitCode: 0 });
      assert.deepEqual([out.size("stdout"), out.text("stderr")], [64 * MIB, "end"]);
    },
  },
  {
    title: "lets go of a server that reads nothing of what it asks for",
    async run(cleanup) {
      const { running, peer } = await openLeanExec(cleanup);
      peer.socket.pause();
      for (let round = 0; round < 100; round++) {
        const asking = Array.from({ length: 10_000 }, (_, at) => {
          const streamId = 2 * (round * 10_000 + at + 1);
          return [
            control(TYPE.ping, u32(2)),
            control(TYPE.synStream, Buffer.concat([u32(streamId, 0), Buffer.alloc(2)])),
            control(TYPE.synReply, u32(STDOUT)),
          ];
        });
        peer.send(...asking.flat());
        await new Promise((resolve) => peer.socket.write("", resolve));
      }
      peer.say(data(ERROR, SUCCESS));
      assert.deepEqual(await running, { exitCode: 0 });
      peer.socket.resume();
      await peer.closed();
      // The answers would be 44 MB; what there is had room with the system.
      assert.ok(peer.socket.bytesRead < 16 * MIB, `${peer.socket.bytesRead} bytes`);
    },
  },
];
