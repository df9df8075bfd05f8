/**
 * The WebSocket half of the framing: messages of the channel protocols, and streams over a socket of
 * the ws library, which only the code that makes sockets loads.
 * Specification: Kubernetes channel.k8s.io subprotocols v4, v4.base64, v5.
 */
export interface ChannelMessage {
  readonly channel: number;
  readonly data: Buffer;
}

/** The channel number that in v5 means: the channel named in the next byte is at its end. */
export const CLOSE_CHANNEL = 255;

/** Binary: the channel's number in one byte, then the data. Base64: its digit, then the data. */
export function encodeChannelMessage(
  protocol: string,
  channel: number,
  data: Uint8Array,
): Buffer | string {
  if (isBase64(protocol)) return `${channel}${Buffer.from(data).toString("base64")}`;
  return Buffer.concat([Buffer.from([channel]), data]);
}

/** Undefined for a message without a channel number or with bad base64. */
export function decodeChannelMessage(
  protocol: string,
  message: Buffer,
): ChannelMessage | undefined {
  const first = message[0];
  if (first === undefined) return undefined;
  if (!isBase64(protocol)) return { channel: first, data: message.subarray(1) };
  const text = message.toString("latin1", 1);
  const channel = first - 0x30;
  if (channel < 0 || channel > 9 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return { channel, data: Buffer.from(text, "base64") };
}

function isBase64(protocol: string): boolean {
  return protocol.includes("base64");
}
