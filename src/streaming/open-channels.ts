import { StatusError } from "../errors/status-error.ts";
import type { ChannelSet } from "./channels/channel-set.ts";
import {
  type Channel,
  type ChannelFlags,
  channelsOf,
  OFFERED_PROTOCOLS,
} from "./channels/protocols.ts";
import { spdyChannelSet } from "./channels/spdy-channel-set.ts";
import type { DialOptions } from "./dial-options.ts";
import { openSpdySession } from "./open-spdy-session.ts";
import { openWebSocket } from "./open-web-socket.ts";
import { parseStreamUrl } from "./parse-stream-url.ts";
import type { SpdyStream } from "./spdy/stream.ts";
import { webSocketChannelSet } from "./websocket/websocket-channel-set.ts";
import { whenOpened } from "./when-opened.ts";

/** Connects and opens the channels that the request needs, over the transport of the options. */
export async function openChannels(
  url: string,
  request: ChannelFlags,
  options: DialOptions & { signal: AbortSignal },
): Promise<ChannelSet> {
  if (options.signal.aborted) throw new StatusError("Cancelled", "stream was interrupted");
  if (options.transport === "websocket")
    return overWebSocket(parseStreamUrl(url), request, options);
  return overSpdy(parseStreamUrl(url), request, options);
}

async function overSpdy(
  url: URL,
  request: ChannelFlags,
  options: DialOptions & { signal: AbortSignal },
): Promise<ChannelSet> {
  const { session, protocol } = await openSpdySession(url, OFFERED_PROTOCOLS, options);
  try {
    const streams = new Map<Channel, SpdyStream>();
    for (const channel of channelsOf(request)) {
      // We send nothing on these. Said at once: the server closes the connection right behind the
      // status, and a frame that crosses with that makes the kernel drop the status unread.
      const fin = INCOMING.has(channel);
      streams.set(channel, session.open(new Map([["streamtype", channel]]), { fin }));
    }
    const channels = spdyChannelSet(session, streams, protocol);
    await whenOpened(
      Array.from(streams.values(), ({ opened }) => opened),
      options,
    );
    return channels;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

async function overWebSocket(
  url: URL,
  request: ChannelFlags,
  options: DialOptions & { signal: AbortSignal },
): Promise<ChannelSet> {
  const channels = await openWebSocket(url, OFFERED_PROTOCOLS, options, (socket) =>
    webSocketChannelSet(socket, {
      role: "client",
      protocol: socket.protocol,
      incoming: channelsOf(request).filter((name) => name !== "stdin" && name !== "resize"),
    }),
  );
  if (request.stdin && !request.tty && !channels.canCloseOneDirection) {
    channels.destroy();
    throw new StatusError(
      "FailedPrecondition",
      `stdin cannot be closed over WebSocket protocol "${channels.protocol}"`,
      { hint: "the server has no v5.channel.k8s.io: use --transport spdy" },
    );
  }
  return channels;
}

const INCOMING: ReadonlySet<Channel> = new Set(["error", "stdout", "stderr"]);
