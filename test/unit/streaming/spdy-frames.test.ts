import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constants, createDeflate, deflateRawSync, inflateSync } from "node:zlib";
import { hasCode } from "../../../src/errors/status-error.ts";
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from "../../../src/streaming/spdy/dictionary.ts";
import { encodeFrame } from "../../../src/streaming/spdy/encode-frame.ts";
import type { SpdyFrame } from "../../../src/streaming/spdy/frame.ts";
import { createFrameDecoder } from "../../../src/streaming/spdy/frame-decoder.ts";
import { encodeHeaderBlock } from "../../../src/streaming/spdy/header-block.ts";
import {
  createHeaderCompressor,
  createHeaderDecompressor,
} from "../../../src/streaming/spdy/header-compression.ts";

/** What containerd 1.6 sent for `sh -c 'echo hi; exit 3'` with an error and a stdout stream. */
const CONTAINERD_EXEC =
  "80030002000000140000000178f9e3c6a7c26260606000000000ffff800300020000000c00000003026100000000" +
  "ffff000000030000000368690a00000003010000000000000100000002" +
  "7b7d8003000300000008000000010000000580030007000000080000000300000000";

const HEADERS = new Map([
  ["streamtype", "error"],
  ["port", "8080"],
  ["requestid", "zwölf"],
]);

const FRAMES: SpdyFrame[] = [
  { type: "syn-stream", streamId: 1, fin: false, unidirectional: false, headers: HEADERS },
  { type: "syn-stream", streamId: 3, fin: true, unidirectional: true, headers: new Map() },
  { type: "syn-reply", streamId: 1, fin: true, headers: HEADERS },
  { type: "headers", streamId: 3, fin: false, headers: new Map([["a", ""]]) },
  { type: "rst-stream", streamId: 1, status: 5 },
  { type: "settings", entries: [{ id: 7, value: 1_048_576 }] },
  { type: "ping", id: 4_294_967_295 },
  { type: "goaway", lastStreamId: 9, status: 1 },
  { type: "window-update", streamId: 0, deltaBytes: 2_147_483_647 },
  { type: "data", streamId: 5, fin: true, data: Buffer.alloc(0) },
];

const MALFORMED: [string, string][] = [
  ["another version", "800200060000000400000001"],
  ["a control frame over the limit", "8003000600010001"],
  ["SYN_STREAM without room for its fields", "80030001000000090000000100000000ff"],
  ["SYN_STREAM of stream 0", "80030001000000290000000000000000000078bbe3c6a7c2"],
  ["SYN_REPLY without a stream", "8003000200000002ffff"],
  ["headers that are not zlib", "8003000200000008000000010badbeef"],
  ["headers with another dictionary", "800300020000000c0000000178bb01020304ffff"],
  ["headers that end inside zlib's own header", "80030002000000050000000178"],
  ["headers with bad deflate data", "800300020000000e0000000178bbe3c6a7c2ffffffff"],
  ["RST_STREAM of 4 bytes", "800300030000000400000001"],
  ["RST_STREAM of stream 0", "80030003000000080000000000000005"],
  ["SETTINGS with a wrong count", "80030004000000040000000100"],
  ["SETTINGS with too many", "8003000400000004ffffffff"],
  ["PING of 8 bytes", "80030006000000080000000100000000"],
  ["GOAWAY of 4 bytes", "800300070000000400000001"],
  ["WINDOW_UPDATE of nothing", "80030009000000080000000100000000"],
  ["data of stream 0", "000000000000000141"],
];

const BAD_BLOCKS: [string, Buffer][] = [
  ["a count beyond the block", Buffer.from("00000002", "hex")],
  ["a count beyond the limit", Buffer.from("ffffffff", "hex")],
  ["a length beyond the block", Buffer.from("00000001000000ff61", "hex")],
  ["an empty name", Buffer.from("000000010000000000000000", "hex")],
  ["a name in capitals", Buffer.from("00000001000000014100000000", "hex")],
  ["a name twice", Buffer.from("000000020000000161000000000000000161" + "00000000", "hex")],
  ["bytes after the end", Buffer.from("0000000000", "hex")],
];

describe("SPDY frames", () => {
  it("come back as they were sent, whole or byte by byte", () => {
    const compress = createHeaderCompressor();
    const bytes = Buffer.concat(FRAMES.map((frame) => encodeFrame(frame, compress)));
    assert.deepEqual([...createFrameDecoder().decode(bytes)], FRAMES);
    const decoder = createFrameDecoder();
    const single = [...bytes].flatMap((byte) => [...decoder.decode(Buffer.from([byte]))]);
    assert.deepEqual(single, FRAMES);
  });

  it("come back when cut in two at every boundary", () => {
    const compress = createHeaderCompressor();
    const bytes = Buffer.concat(FRAMES.map((frame) => encodeFrame(frame, compress)));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoder = createFrameDecoder();
      const first = [...decoder.decode(bytes.subarray(0, cut))];
      assert.deepEqual([...first, ...decoder.decode(bytes.subarray(cut))], FRAMES);
    }
  });

  it("hand out a long data frame in parts, the end on the last", () => {
    const decoder = createFrameDecoder();
    const head = Buffer.from("00000001010f4240", "hex");
    assert.deepEqual([...decoder.decode(head)], []);
    const [part] = decoder.decode(Buffer.alloc(999_999));
    assert.equal(part?.type === "data" && part.fin, false);
    const last = [...decoder.decode(Buffer.from("x"))];
    const data = Buffer.from("x");
    assert.deepEqual(last, [{ type: "data", streamId: 1, fin: true, data }]);
  });

  it("are read as containerd writes them", () => {
    const frames = [...createFrameDecoder().decode(Buffer.from(CONTAINERD_EXEC, "hex"))];
    assert.deepEqual(frames, [
      { type: "syn-reply", streamId: 1, fin: false, headers: new Map() },
      { type: "syn-reply", streamId: 3, fin: false, headers: new Map() },
      { type: "data", streamId: 3, fin: false, data: Buffer.from("hi\n") },
      { type: "data", streamId: 3, fin: true, data: Buffer.alloc(0) },
      { type: "data", streamId: 1, fin: false, data: Buffer.from("{}") },
      { type: "rst-stream", streamId: 1, status: 5 },
      { type: "goaway", lastStreamId: 3, status: 0 },
    ]);
  });

  it("of unknown types are skipped", () => {
    const bytes = Buffer.from("8003000a00000002ffff800300060000000400000001", "hex");
    assert.deepEqual([...createFrameDecoder().decode(bytes)], [{ type: "ping", id: 1 }]);
  });

  for (const [what, hex] of MALFORMED) {
    it(`are refused: ${what}`, () => {
      const bytes = Buffer.from(`${hex}${"00".repeat(48)}`, "hex");
      const decode = () => [...createFrameDecoder().decode(bytes)];
      assert.throws(decode, (error) => hasCode(error, "Internal"));
    });
  }
});

describe("SPDY header blocks", () => {
  it("start from the dictionary that the specification names", () => {
    let low = 1;
    let high = 0;
    for (const byte of SPDY_DICTIONARY) {
      low = (low + byte) % 65_521;
      high = (high + low) % 65_521;
    }
    assert.equal(SPDY_DICTIONARY.length, 1423);
    assert.equal(high * 65_536 + low, SPDY_DICTIONARY_ID);
  });

  it("decompress as one zlib stream that another implementation keeps", async () => {
    const blocks = Array.from({ length: 200 }, (_, index) =>
      encodeHeaderBlock(new Map([...HEADERS, ["requestid", `${index}`.repeat(200)]])),
    );
    const deflate = createDeflate({ dictionary: SPDY_DICTIONARY, level: 9 });
    const decompress = createHeaderDecompressor();
    for (const block of blocks) {
      const parts: Buffer[] = [];
      const keep = (part: Buffer) => parts.push(part);
      deflate.on("data", keep);
      deflate.write(block);
      await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
      deflate.off("data", keep);
      assert.deepEqual(decompress(Buffer.concat(parts)), block);
    }
    deflate.destroy();
  });

  it("are one zlib stream with the dictionary of SPDY, complete at the end of each", () => {
    const compress = createHeaderCompressor();
    const decompress = createHeaderDecompressor();
    const large = Buffer.alloc(65_536, "header");
    const blocks = [encodeHeaderBlock(HEADERS), encodeHeaderBlock(HEADERS), large];
    const coded = blocks.map((block) => compress(block));
    assert.equal(coded[0]?.subarray(0, 6).toString("hex"), "78bbe3c6a7c2");
    assert.deepEqual(
      coded.map((part) => decompress(part)),
      blocks,
    );
    const whole = inflateSync(Buffer.concat(coded), {
      dictionary: SPDY_DICTIONARY,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    assert.deepEqual(whole, Buffer.concat(blocks));
  });

  it("of a sender that compresses are read with what went before", () => {
    const decompress = createHeaderDecompressor();
    const block = encodeHeaderBlock(HEADERS);
    const options = { finishFlush: constants.Z_SYNC_FLUSH, level: constants.Z_BEST_COMPRESSION };
    const first = deflateRawSync(block, { ...options, dictionary: SPDY_DICTIONARY });
    const before = Buffer.concat([SPDY_DICTIONARY, block]);
    const second = deflateRawSync(block, { ...options, dictionary: before });
    assert.ok(second.length < 20, `${second.length} bytes`);
    const header = Buffer.from("78bbe3c6a7c2", "hex");
    assert.deepEqual(decompress(Buffer.concat([header, first])), block);
    assert.deepEqual(decompress(second), block);
  });

  it("that blow up when decompressed are refused", () => {
    const bomb = createHeaderCompressor()(Buffer.alloc(1_000_000));
    assert.throws(
      () => createHeaderDecompressor()(bomb),
      (error) => hasCode(error, "Internal"),
    );
  });

  for (const [what, block] of BAD_BLOCKS) {
    it(`are refused: ${what}`, () => {
      const payload = Buffer.concat([
        Buffer.from("00000001", "hex"),
        createHeaderCompressor()(block),
      ]);
      const head = Buffer.from("8003000200000000", "hex");
      head.writeUInt32BE(payload.length, 4);
      const decode = () => [...createFrameDecoder().decode(Buffer.concat([head, payload]))];
      assert.throws(decode, (error) => hasCode(error, "Internal"));
    });
  }
});
