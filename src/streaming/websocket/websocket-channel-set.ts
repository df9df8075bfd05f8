import { Readable, Writable } from "node:stream";
import type { WebSocket } from "ws";
import { StatusError } from "../../errors/status-error.ts";
import type { ChannelSet } from "../channels/channel-set.ts";
import { CHANNELS, type Channel } from "../channels/protocols.ts";
import { CLOSE_CHANNEL, decodeChannelMessage, encodeChannelMessage } from "./channel-message.ts";

export interface WebSocketChannelSetOptions {
  /** Only a client says that a channel ends: kubectl complains of a server that does. */
  readonly role: "client" | "server";
  readonly protocol: string;
  /** Channels on which the peer sends; messages on others are dropped. */
  readonly incoming: readonly Channel[];
  readonly pingIntervalMs?: number;
}

/** The channels over an open WebSocket of the ws library, which the set owns from then on. */
export function webSocketChannelSet(
  socket: WebSocket,
  options: WebSocketChannelSetOptions,
): ChannelSet {
  const { protocol } = options;
  const hasCloseMessage = protocol.startsWith("v5.");
  const canCloseOneDirection = hasCloseMessage && options.role === "client";
  const stalled = new Set<Channel>();
  const listeners: (() => void)[] = [];
  const readables = new Map<Channel, Readable>();
  /** Channels whose end has come, even while bytes before it are unread. */
  const ended = new Set<Channel>();
  const endedByPeer = new Set<Channel>();
  let isOver = false;
  for (const channel of options.incoming) {
    const resume = (): void => {
      if (stalled.delete(channel) && stalled.size === 0 && !isOver) socket.resume();
    };
    readables.set(channel, new Readable({ highWaterMark: BUFFER_BYTES, read: resume }));
  }
  const endOf = (channel: Channel | undefined): void => {
    const readable = channel === undefined ? undefined : readables.get(channel);
    if (channel === undefined || readable === undefined || ended.has(channel)) return;
    ended.add(channel);
    readable.push(null);
  };
  socket.on("message", (raw: Buffer) => {
    const message = decodeChannelMessage(protocol, raw);
    if (message === undefined) return;
    if (message.channel === CLOSE_CHANNEL && hasCloseMessage) {
      const closed = CHANNELS[message.data[0] ?? CHANNELS.length];
      if (closed !== undefined) endedByPeer.add(closed);
      endOf(closed);
      return;
    }
    const channel = CHANNELS[message.channel];
    const readable = channel === undefined ? undefined : readables.get(channel);
    // Some servers greet with an empty message on each channel.
    if (channel === undefined || readable === undefined || message.data.length === 0) return;
    if (ended.has(channel) || readable.destroyed) return;
    readable.push(message.data);
    if (readable.readableLength > STALL_BYTES) {
      stalled.add(channel);
      socket.pause();
    }
  });
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(pingTimer);
    for (const listener of listeners.splice(0)) listener();
    for (const channel of readables.keys()) endOf(channel);
  };
  socket.on("error", () => socket.terminate());
  socket.on("close", over);
  const pingTimer = setInterval(() => {
    if (!isOver) socket.ping();
  }, options.pingIntervalMs ?? PING_INTERVAL_MS);
  pingTimer.unref();

  const send = (data: Buffer | string, done: () => void): void => {
    if (isOver) done();
    else socket.send(data, { binary: typeof data !== "string" }, () => done());
  };
  return {
    protocol,
    canCloseOneDirection,
    readable: (channel) => readables.get(channel) ?? Readable.from([]),
    isEnded: (channel) => endedByPeer.has(channel),
    writable: (channel) => channelWritable(protocol, channel, canCloseOneDirection, send),
    onGone: (listener) => {
      listeners.push(listener);
    },
    endReadables: () => {
      for (const channel of readables.keys()) endOf(channel);
    },
    close: () => {
      listeners.length = 0;
      socket.resume();
      socket.close(1000);
      setTimeout(() => socket.terminate(), LINGER_MS).unref();
    },
    destroy: () => {
      listeners.length = 0;
      socket.terminate();
      over();
    },
  };
}

function channelWritable(
  protocol: string,
  channel: Channel,
  canClose: boolean,
  send: (data: Buffer | string, done: () => void) => void,
): Writable {
  const number = CHANNELS.indexOf(channel);
  if (number < 0) throw new StatusError("Internal", `no channel "${channel}"`);
  return new Writable({
    highWaterMark: BUFFER_BYTES,
    write: (chunk: Buffer, _encoding, done) =>
      send(encodeChannelMessage(protocol, number, chunk), done),
    final: (done) => (canClose ? send(Buffer.from([CLOSE_CHANNEL, number]), done) : done()),
  });
}

const BUFFER_BYTES = 262_144;
const STALL_BYTES = 2_097_152;
const PING_INTERVAL_MS = 5_000;
const LINGER_MS = 2_000;
/** The longest message that is accepted; the field's peers send 32 KiB. */
export const MAX_MESSAGE_BYTES = 4_194_304;
