/**
 * src/cri/http2: the client half of HTTP/2 (RFC 9113) and HPACK (RFC 7541), as far as gRPC uses it:
 * no push, no priorities, no TLS. It owns frames, header compression, flow control and streams; it
 * knows nothing of gRPC, and sockets only as something that takes and gives bytes. Whatever a server
 * sends is held to a limit, and each breach is a `Violation` that ends the connection.
 */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const ERROR = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
} as const;

export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const FRAME_HEADER_BYTES = 9;

/** What both sides may assume before any settings. */
export const DEFAULT_WINDOW_BYTES = 65_535;
export const DEFAULT_FRAME_BYTES = 16_384;
export const DEFAULT_TABLE_BYTES = 4096;

export const MAX_WINDOW_BYTES = 2 ** 31 - 1;
export const MAX_FRAME_BYTES = 2 ** 24 - 1;
