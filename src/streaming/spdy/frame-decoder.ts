import {
  CONTROL_TYPE,
  FLAG_FIN,
  FLAG_UNIDIRECTIONAL,
  MAX_STREAM_ID,
  SPDY_VERSION,
  type SpdyFrame,
} from "./frame.ts";
import { decodeHeaderBlock } from "./header-block.ts";
import { createHeaderDecompressor } from "./header-compression.ts";
import { MAX_CONTROL_BYTES } from "./limits.ts";
import { malformed } from "./malformed.ts";
import { requireAtLeast, requireExactly } from "./payload-length.ts";

export interface FrameDecoder {
  /**
   * The frames that end in this chunk, and the parts of data frames in it. Unknown control frames
   * are skipped, as the specification wants. Throws Internal for what is malformed; after that the
   * decoder must not be used.
   */
  decode(chunk: Buffer): Generator<SpdyFrame>;
}

const HEAD_BYTES = 8;
const MAX_SETTINGS = 32;

interface DecoderState {
  /** Bytes of a head or control frame that is not yet whole. */
  held: Buffer;
  /** The data frame whose payload is under way. */
  data: { streamId: number; fin: boolean; remaining: number } | undefined;
  readonly decompress: (compressed: Buffer) => Buffer;
}

/** A decoder for one direction of one connection. Holds at most one control frame. */
export function createFrameDecoder(): FrameDecoder {
  const state: DecoderState = {
    held: Buffer.alloc(0),
    data: undefined,
    decompress: createHeaderDecompressor(),
  };
  return { decode: (chunk) => decodeChunk(state, chunk) };
}

function* decodeChunk(state: DecoderState, chunk: Buffer): Generator<SpdyFrame> {
  let input = state.held.length === 0 ? chunk : Buffer.concat([state.held, chunk]);
  state.held = Buffer.alloc(0);
  for (;;) {
    if (state.data !== undefined) {
      const part = input.subarray(0, state.data.remaining);
      input = input.subarray(part.length);
      const { streamId, fin } = state.data;
      state.data.remaining -= part.length;
      const ends = state.data.remaining === 0;
      if (ends) state.data = undefined;
      if (part.length > 0 || ends) yield { type: "data", streamId, fin: fin && ends, data: part };
      if (!ends) return;
    }
    if (input.length < HEAD_BYTES) break;
    const length = input.readUInt32BE(4) & 0xffffff;
    const flags = input.readUInt8(4);
    if ((input.readUInt8(0) & 0x80) === 0) {
      state.data = {
        streamId: streamIdAt(input, 0),
        fin: (flags & FLAG_FIN) !== 0,
        remaining: length,
      };
      input = input.subarray(HEAD_BYTES);
      continue;
    }
    const type = controlType(input, length);
    if (input.length < HEAD_BYTES + length) break;
    const payload = input.subarray(HEAD_BYTES, HEAD_BYTES + length);
    input = input.subarray(HEAD_BYTES + length);
    const frame = decodeControl(state, type, flags, payload);
    if (frame !== undefined) yield frame;
  }
  // A copy, so that a few bytes do not keep a whole network buffer alive.
  state.held = Buffer.from(input);
}

function controlType(head: Buffer, length: number): number {
  const version = head.readUInt16BE(0) & 0x7fff;
  if (version !== SPDY_VERSION) throw malformed(`frame of version ${version}`);
  if (length > MAX_CONTROL_BYTES) throw malformed(`control frame of ${length} bytes`);
  return head.readUInt16BE(2);
}

function decodeControl(
  state: DecoderState,
  type: number,
  flags: number,
  payload: Buffer,
): SpdyFrame | undefined {
  const fin = (flags & FLAG_FIN) !== 0;
  switch (type) {
    case CONTROL_TYPE.synStream: {
      requireAtLeast(payload, 10, "SYN_STREAM");
      const headers = decodeHeaderBlock(state.decompress(payload.subarray(10)));
      const unidirectional = (flags & FLAG_UNIDIRECTIONAL) !== 0;
      return { type: "syn-stream", streamId: streamIdAt(payload, 0), fin, unidirectional, headers };
    }
    case CONTROL_TYPE.synReply:
    case CONTROL_TYPE.headers: {
      requireAtLeast(payload, 4, "SYN_REPLY or HEADERS");
      const headers = decodeHeaderBlock(state.decompress(payload.subarray(4)));
      const name = type === CONTROL_TYPE.synReply ? "syn-reply" : "headers";
      return { type: name, streamId: streamIdAt(payload, 0), fin, headers };
    }
    case CONTROL_TYPE.rstStream:
      requireExactly(payload, 8, "RST_STREAM");
      return {
        type: "rst-stream",
        streamId: streamIdAt(payload, 0),
        status: payload.readUInt32BE(4),
      };
    case CONTROL_TYPE.settings:
      return decodeSettings(payload);
    case CONTROL_TYPE.ping:
      requireExactly(payload, 4, "PING");
      return { type: "ping", id: payload.readUInt32BE(0) };
    case CONTROL_TYPE.goAway:
      requireExactly(payload, 8, "GOAWAY");
      return {
        type: "goaway",
        lastStreamId: payload.readUInt32BE(0) & MAX_STREAM_ID,
        status: payload.readUInt32BE(4),
      };
    case CONTROL_TYPE.windowUpdate:
      return decodeWindowUpdate(payload);
    default:
      return undefined;
  }
}

function decodeSettings(payload: Buffer): SpdyFrame {
  requireAtLeast(payload, 4, "SETTINGS");
  const count = payload.readUInt32BE(0);
  if (count > MAX_SETTINGS) throw malformed(`${count} settings in one frame`);
  requireExactly(payload, 4 + 8 * count, "SETTINGS");
  const entries = Array.from({ length: count }, (_, index) => ({
    id: payload.readUInt32BE(4 + 8 * index) & 0xffffff,
    value: payload.readUInt32BE(8 + 8 * index),
  }));
  return { type: "settings", entries };
}

function decodeWindowUpdate(payload: Buffer): SpdyFrame {
  requireExactly(payload, 8, "WINDOW_UPDATE");
  const deltaBytes = payload.readUInt32BE(4) & 0x7fffffff;
  if (deltaBytes === 0) throw malformed("WINDOW_UPDATE of 0 bytes");
  const streamId = payload.readUInt32BE(0) & MAX_STREAM_ID;
  return { type: "window-update", streamId, deltaBytes };
}

function streamIdAt(bytes: Buffer, offset: number): number {
  const streamId = bytes.readUInt32BE(offset) & MAX_STREAM_ID;
  if (streamId === 0) throw malformed("frame for stream 0");
  return streamId;
}
