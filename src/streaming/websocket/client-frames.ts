import { randomBytes } from "node:crypto";
import { StatusError } from "../../errors/status-error.ts";
import { MAX_MESSAGE_BYTES } from "./websocket-channel-set.ts";

/** RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const FINAL = 0x80;
const MASKED = 0x80;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;
const MAX_CONTROL_BYTES = 125;

/** A whole message as one frame, masked as a client's has to be (section 5.3). */
export function encodeClientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const extra = length < LENGTH_IN_16_BITS ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extra + 4 + length);
  frame[0] = FINAL | opcode;
  if (extra === 0) frame[1] = MASKED | length;
  else if (extra === 2) {
    frame[1] = MASKED | LENGTH_IN_16_BITS;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | LENGTH_IN_64_BITS;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  const mask = randomBytes(4);
  mask.copy(frame, 2 + extra);
  const start = 2 + extra + 4;
  for (let index = 0; index < length; index++) {
    frame[start + index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return frame;
}

/**
 * Bytes of a server to its frames, in whatever pieces they come. Fragments are frames of their own:
 * a tunnel has no use for where messages begin. Throws Unavailable for what breaks the protocol: a
 * masked frame, reserved bits, a control frame that is fragmented or too long, a frame too large.
 */
export function createServerFrameDecoder(): (chunk: Buffer) => readonly ServerFrame[] {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const frames: ServerFrame[] = [];
    for (;;) {
      const found = readFrame(held);
      if (found === undefined) return frames;
      frames.push(found.frame);
      held = held.subarray(found.end);
    }
  };
}

function readFrame(bytes: Buffer): { frame: ServerFrame; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const opcode = first & 0x0f;
  if ((first & 0x70) !== 0 || (second & MASKED) !== 0) throw broken("a frame is malformed");
  const short = second & 0x7f;
  const isControl = opcode >= OPCODE.close;
  if (isControl && ((first & FINAL) === 0 || short > MAX_CONTROL_BYTES)) {
    throw broken("a control frame is malformed");
  }
  const extra = short === LENGTH_IN_16_BITS ? 2 : short === LENGTH_IN_64_BITS ? 8 : 0;
  if (bytes.length < 2 + extra) return undefined;
  const length =
    extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > MAX_MESSAGE_BYTES) throw broken(`a frame of ${length} bytes is too large`);
  const start = 2 + extra;
  if (bytes.length < start + length) return undefined;
  return { frame: { opcode, payload: bytes.subarray(start, start + length) }, end: start + length };
}

function broken(what: string): StatusError {
  return new StatusError("Unavailable", `streaming server broke the WebSocket protocol: ${what}`);
}
