/**
 * SPDY/3.1 framing: frames as values, their bytes, header compression, and a session of streams over
 * any duplex. Specification: SPDY protocol draft 3.1, sections 2.2 (framing), 2.6 (frames).
 *
 * It owns the wire and flow control, and knows nothing of exec, attach or port-forward. Credentials,
 * server push and priorities are not used by anybody in this field and are not implemented.
 */
export type SpdyFrame =
  | DataFrame
  | SynStreamFrame
  | SynReplyFrame
  | RstStreamFrame
  | SettingsFrame
  | PingFrame
  | GoAwayFrame
  | HeadersFrame
  | WindowUpdateFrame;

/** Names are lower case; several values of one name are joined by a NUL byte. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** The decoder hands out a long data frame in parts as they arrive; only the last one carries `fin`. */
export interface DataFrame {
  readonly type: "data";
  readonly streamId: number;
  readonly fin: boolean;
  readonly data: Buffer;
}

export interface SynStreamFrame {
  readonly type: "syn-stream";
  readonly streamId: number;
  readonly fin: boolean;
  /** The opener alone sends; the other side's half is closed from the start. */
  readonly unidirectional: boolean;
  readonly headers: SpdyHeaders;
}

export interface SynReplyFrame {
  readonly type: "syn-reply";
  readonly streamId: number;
  readonly fin: boolean;
  readonly headers: SpdyHeaders;
}

export interface HeadersFrame {
  readonly type: "headers";
  readonly streamId: number;
  readonly fin: boolean;
  readonly headers: SpdyHeaders;
}

export interface RstStreamFrame {
  readonly type: "rst-stream";
  readonly streamId: number;
  /** One of RST_STATUS, or a number of a later draft. */
  readonly status: number;
}

export interface SettingsFrame {
  readonly type: "settings";
  readonly entries: readonly { readonly id: number; readonly value: number }[];
}

export interface PingFrame {
  readonly type: "ping";
  readonly id: number;
}

export interface GoAwayFrame {
  readonly type: "goaway";
  readonly lastStreamId: number;
  readonly status: number;
}

/** Stream 0 means the session. */
export interface WindowUpdateFrame {
  readonly type: "window-update";
  readonly streamId: number;
  readonly deltaBytes: number;
}

export const SPDY_VERSION = 3;

/** Numbers of the control frames (section 2.6). */
export const CONTROL_TYPE = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const FLAG_FIN = 0x01;
export const FLAG_UNIDIRECTIONAL = 0x02;

/** Why a stream ends before its time (section 2.6.3). */
export const RST_STATUS = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  flowControlError: 7,
} as const;

export const GOAWAY_STATUS = { ok: 0, protocolError: 1 } as const;

/** The one setting that concerns us: how much may be in flight on each stream (section 2.6.4). */
export const SETTING_INITIAL_WINDOW_SIZE = 7;

/** The window that holds until a setting says otherwise (section 2.6.8). */
export const DEFAULT_WINDOW_BYTES = 65_536;
export const MAX_WINDOW_BYTES = 0x7fffffff;
export const MAX_STREAM_ID = 0x7fffffff;
