/**
 * What the channels of exec, attach and port-forward mean, whatever carries them.
 * Specification: Kubernetes remote command protocols v1 to v5 and port forwarding, as spoken by
 * kubelets, CRI servers and their clients.
 *
 * v4 added the status as JSON on the error channel, v5 the closing of one direction (WebSocket only;
 * SPDY always had it). Versions below 4 report a failure as plain text and no exit code.
 */
export const COMMAND_PROTOCOLS = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
] as const;

/** What our clients offer. A lone v5 is refused by containerd 1.6 and 2.1, so v4 comes with it. */
export const OFFERED_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export const WEBSOCKET_PROTOCOLS = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v4.base64.channel.k8s.io",
  "channel.k8s.io",
  "base64.channel.k8s.io",
] as const;

export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";
/** SPDY frames inside the binary messages of a WebSocket. */
export const TUNNEL_PROTOCOL = "SPDY/3.1+portforward.k8s.io";

export const SPDY_UPGRADE = "SPDY/3.1";
export const PROTOCOL_HEADER = "X-Stream-Protocol-Version";
export const ACCEPTED_PROTOCOLS_HEADER = "X-Accepted-Stream-Protocol-Versions";

/** Names of the header with which a SPDY stream says what it carries. */
export const STREAM_TYPE_HEADER = "streamtype";
export const PORT_HEADER = "port";
export const REQUEST_ID_HEADER = "requestid";

/** Channel names as SPDY's streamtype has them, at the index that WebSocket messages begin with. */
export const CHANNELS = ["stdin", "stdout", "stderr", "error", "resize"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Which channels a request has: the error channel always, and no stderr on a terminal. */
export function channelsOf(request: ChannelFlags): Channel[] {
  const channels: Channel[] = ["error"];
  if (request.stdin) channels.push("stdin");
  if (request.stdout) channels.push("stdout");
  if (request.stderr && !request.tty) channels.push("stderr");
  if (request.tty) channels.push("resize");
  return channels;
}

/** The part of ExecRequest and AttachRequest that decides the channels. */
export interface ChannelFlags {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The first of the offered protocols that is supported, as the field's servers choose. */
export function negotiateProtocol<T extends string>(
  offered: readonly string[],
  supported: readonly T[],
): T | undefined {
  for (const name of offered) {
    const match = supported.find((candidate) => candidate === name);
    if (match !== undefined) return match;
  }
  return undefined;
}

/** True where the error channel ends with a status in JSON. */
export function hasJsonStatus(protocol: string): boolean {
  return protocol.startsWith("v5.") || protocol.startsWith("v4.");
}
