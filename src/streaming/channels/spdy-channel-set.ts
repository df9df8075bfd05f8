import { Readable } from "node:stream";
import { StatusError } from "../../errors/status-error.ts";
import type { SpdySession } from "../spdy/session.ts";
import type { SpdyStream } from "../spdy/stream.ts";
import type { ChannelSet } from "./channel-set.ts";
import type { Channel } from "./protocols.ts";

/** One SPDY stream per channel, all of them open already. The set owns the session. */
export function spdyChannelSet(
  session: SpdySession,
  streams: ReadonlyMap<Channel, SpdyStream>,
  protocol: string,
): ChannelSet {
  const listeners: (() => void)[] = [];
  let isClosedHere = false;
  const gone = (): void => {
    if (!isClosedHere) for (const listener of listeners.splice(0)) listener();
  };
  for (const stream of streams.values()) {
    stream.on("error", () => {});
    stream.once("cut", () => {
      if (session.isOver) gone();
    });
  }
  session.closed.then(gone);
  const get = (channel: Channel): SpdyStream => {
    const stream = streams.get(channel);
    if (stream === undefined) throw new StatusError("Internal", `no channel "${channel}"`);
    return stream;
  };
  return {
    protocol,
    canCloseOneDirection: true,
    readable: (channel) => (streams.has(channel) ? get(channel) : Readable.from([])),
    isEnded: (channel) => streams.get(channel)?.isEndedByPeer === true,
    writable: get,
    onGone: (listener) => {
      listeners.push(listener);
    },
    endReadables: () => {
      const over = new StatusError("Unavailable", "command has ended");
      for (const stream of streams.values()) stream.cut(over);
    },
    close: () => {
      isClosedHere = true;
      session.close();
    },
    destroy: () => {
      isClosedHere = true;
      session.destroy();
    },
  };
}
