import { ByteWriter } from "../../cri/http2/byte-writer.ts";
import { CONTROL_TYPE, FLAG_FIN, SPDY_VERSION } from "../spdy/frame.ts";
import { SYNC_FLUSH, ZLIB_START } from "../spdy/zlib-bytes.ts";

/** The frames that a client which only reads has to send, one after another into one buffer. */
export class ControlFrames {
  readonly out = new ByteWriter(512);
  #hasHeaders = false;

  /** Opens a stream with that one header, whose name and value are ASCII and short, and ends our half. */
  open(streamId: number, name: string, value: string): void {
    const block = new ByteWriter(64);
    block.u32(1);
    block.u32(name.length);
    block.latin1(name);
    block.u32(value.length);
    block.latin1(value);
    const start = this.#hasHeaders ? "" : ZLIB_START;
    this.#hasHeaders = true;
    const payloadBytes = 10 + start.length + 5 + block.length + SYNC_FLUSH.length;
    this.#head(CONTROL_TYPE.synStream, payloadBytes, FLAG_FIN);
    this.out.u32(streamId);
    this.out.u32(0);
    this.out.u16(0);
    this.out.latin1(start);
    // A stored block of deflate: its length, little endian, and the complement of that.
    this.out.u8(0);
    this.#u16LittleEndian(block.length);
    this.#u16LittleEndian(block.length ^ 0xffff);
    this.out.bytes(block.view());
    this.out.latin1(SYNC_FLUSH);
  }

  setting(id: number, value: number): void {
    this.#head(CONTROL_TYPE.settings, 12);
    this.out.u32(1);
    this.out.u32(id);
    this.out.u32(value);
  }

  /** Of the whole session where the stream is 0. */
  windowUpdate(streamId: number, deltaBytes: number): void {
    this.#pair(CONTROL_TYPE.windowUpdate, streamId, deltaBytes);
  }

  reset(streamId: number, status: number): void {
    this.#pair(CONTROL_TYPE.rstStream, streamId, status);
  }

  goAway(lastStreamId: number, status: number): void {
    this.#pair(CONTROL_TYPE.goAway, lastStreamId, status);
  }

  ping(id: number): void {
    this.#head(CONTROL_TYPE.ping, 4);
    this.out.u32(id);
  }

  #pair(type: number, first: number, second: number): void {
    this.#head(type, 8);
    this.out.u32(first);
    this.out.u32(second);
  }

  #head(type: number, payloadBytes: number, flags = 0): void {
    this.out.u16(0x8000 | SPDY_VERSION);
    this.out.u16(type);
    this.out.u8(flags);
    this.out.u24(payloadBytes);
  }

  #u16LittleEndian(value: number): void {
    this.out.u8(value & 0xff);
    this.out.u8(value >>> 8);
  }
}
