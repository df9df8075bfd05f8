import type { Duplex } from "node:stream";
import type { ChannelSet } from "../../streaming/channels/channel-set.ts";
import {
  CHANNELS,
  type Channel,
  type ChannelFlags,
  channelsOf,
  STREAM_TYPE_HEADER,
} from "../../streaming/channels/protocols.ts";
import { spdyChannelSet } from "../../streaming/channels/spdy-channel-set.ts";
import { SpdySession } from "../../streaming/spdy/session.ts";
import type { SpdyStream } from "../../streaming/spdy/stream.ts";

export interface CollectOptions {
  readonly request: ChannelFlags;
  readonly protocol: string;
  readonly timeoutMs: number;
}

/**
 * Waits until the client has opened a stream for each channel of the request. Undefined, with the
 * connection closed, when it did not in time or went away. A stream twice, or of a kind that the
 * request has not, is refused.
 */
export async function collectChannels(
  socket: Duplex,
  head: Buffer,
  options: CollectOptions,
): Promise<ChannelSet | undefined> {
  const expected = new Set<Channel>(channelsOf(options.request));
  if (!hasResize(options.protocol)) expected.delete("resize");
  const streams = new Map<Channel, SpdyStream>();
  const { promise: complete, resolve } = Promise.withResolvers<"complete" | "late">();
  const session = new SpdySession(socket, {
    role: "server",
    head,
    onStream: (stream) => {
      const type = stream.headers.get(STREAM_TYPE_HEADER);
      const channel = CHANNELS.find((name) => name === type);
      stream.on("error", () => {});
      if (channel === undefined || !expected.has(channel) || streams.has(channel)) {
        stream.refuse();
        return;
      }
      streams.set(channel, stream);
      stream.accept();
      if (streams.size === expected.size) resolve("complete");
    },
  });
  const timer = setTimeout(() => resolve("late"), options.timeoutMs);
  const outcome = await Promise.race([complete, session.closed.then(() => "gone" as const)]);
  clearTimeout(timer);
  if (outcome === "complete") return spdyChannelSet(session, streams, options.protocol);
  session.close();
  return undefined;
}

/** Resizing came with v3. */
function hasResize(protocol: string): boolean {
  return /^v[345]\./.test(protocol);
}
