import {
  CONTROL_TYPE,
  FLAG_FIN,
  FLAG_UNIDIRECTIONAL,
  SPDY_VERSION,
  type SpdyFrame,
  type SpdyHeaders,
} from "./frame.ts";
import { encodeHeaderBlock } from "./header-block.ts";

/** The bytes of a frame. Frames with headers must be sent in the order in which they were encoded. */
export function encodeFrame(frame: SpdyFrame, compress: (block: Buffer) => Buffer): Buffer {
  switch (frame.type) {
    case "data":
      return dataFrame(frame.streamId, frame.fin, frame.data);
    case "syn-stream": {
      const flags = (frame.fin ? FLAG_FIN : 0) | (frame.unidirectional ? FLAG_UNIDIRECTIONAL : 0);
      // Associated stream, priority and credential slot stay 0.
      const head = Buffer.concat([uint32s(frame.streamId, 0), Buffer.alloc(2)]);
      return control(CONTROL_TYPE.synStream, flags, head, headerBytes(frame.headers, compress));
    }
    case "syn-reply":
    case "headers": {
      const type = frame.type === "syn-reply" ? CONTROL_TYPE.synReply : CONTROL_TYPE.headers;
      const flags = frame.fin ? FLAG_FIN : 0;
      return control(type, flags, uint32s(frame.streamId), headerBytes(frame.headers, compress));
    }
    case "rst-stream":
      return control(CONTROL_TYPE.rstStream, 0, uint32s(frame.streamId, frame.status));
    case "settings": {
      const entries = frame.entries.flatMap(({ id, value }) => [id, value]);
      return control(CONTROL_TYPE.settings, 0, uint32s(frame.entries.length, ...entries));
    }
    case "ping":
      return control(CONTROL_TYPE.ping, 0, uint32s(frame.id));
    case "goaway":
      return control(CONTROL_TYPE.goAway, 0, uint32s(frame.lastStreamId, frame.status));
    case "window-update":
      return control(CONTROL_TYPE.windowUpdate, 0, uint32s(frame.streamId, frame.deltaBytes));
  }
}

function dataFrame(streamId: number, fin: boolean, data: Buffer): Buffer {
  return Buffer.concat([uint32s(streamId, (fin ? FLAG_FIN << 24 : 0) + data.length), data]);
}

function control(type: number, flags: number, ...payload: Buffer[]): Buffer {
  const body = Buffer.concat(payload);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8000 | SPDY_VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(flags * 0x1000000 + body.length, 4);
  return Buffer.concat([head, body]);
}

function headerBytes(headers: SpdyHeaders, compress: (block: Buffer) => Buffer): Buffer {
  return compress(encodeHeaderBlock(headers));
}

function uint32s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, 4 * index);
  });
  return bytes;
}
