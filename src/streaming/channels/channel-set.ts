import type { Readable, Writable } from "node:stream";
import type { Channel } from "./protocols.ts";

/**
 * The channels of one exec or attach as byte streams, whatever carries them. Back-pressure is kept
 * both ways, and what waits for a slow reader is bounded.
 */
export interface ChannelSet {
  /** The protocol version that was agreed on. */
  readonly protocol: string;
  /** Whether ending a writable reaches the peer before the whole connection ends. */
  readonly canCloseOneDirection: boolean;
  /** What the peer sends there. It ends where the peer ends it, and when the connection is over. */
  readable(channel: Channel): Readable;
  /** Whether the peer has ended it itself; what it sent may be unread still. */
  isEnded(channel: Channel): boolean;
  /** What this side sends there. Once the connection is over, writes are dropped without error. */
  writable(channel: Channel): Writable;
  /** Calls back once, before any stream ends, when the peer goes away without a goodbye from here. */
  onGone(listener: () => void): void;
  /** Ends every readable after what has arrived, without waiting for the peer to end it. */
  endReadables(): void;
  /** Lets what was written go out, then ends the connection. Idempotent. */
  close(): void;
  /** Ends the connection at once. Idempotent. */
  destroy(): void;
}
