import {
  type ByteSocket,
  connectSocket,
  type SocketAddress,
  type SocketEvents,
} from "./connect-socket.ts";

/** A connection that was made before its user was there. Once it stands it does not keep the process alive. */
export interface EarlySocket {
  /** Resolves when it is connected; rejects with the system's error, or without one where it ended. */
  readonly opened: Promise<void>;
  /**
   * Hands it over with all that it has told so far; `events` are not called before this returns, but they
   * are even where whoever takes it closes it at once. Once: undefined where it failed or ended meanwhile,
   * or was handed over or closed before.
   */
  take(events: SocketEvents): ByteSocket | undefined;
  /** Ends it where nobody has taken it. Idempotent. */
  close(): void;
}

/** Connects for somebody who is not there yet. */
export function connectEarly(address: SocketAddress): EarlySocket {
  const opened = Promise.withResolvers<void>();
  opened.promise.catch(() => {});
  const told: ((events: SocketEvents) => void)[] = [];
  let user: SocketEvents | undefined;
  let isOver = false;
  const tell = (event: (events: SocketEvents) => void) => {
    if (user === undefined) told.push(event);
    else event(user);
  };
  const socket = connectSocket(address, {
    onOpen() {
      opened.resolve();
      if (user === undefined) socket.keepAlive(false);
      tell((events) => events.onOpen());
    },
    onData: (bytes) => tell((events) => events.onData(bytes)),
    onDrain: () => tell((events) => events.onDrain()),
    onClose(error) {
      isOver = true;
      opened.reject(error);
      user?.onClose(error);
    },
  });
  return {
    opened: opened.promise,
    take(events) {
      if (isOver || user !== undefined) return undefined;
      user = events;
      queueMicrotask(() => {
        for (const event of told) event(events);
      });
      return socket;
    },
    close() {
      if (user !== undefined) return;
      isOver = true;
      socket.close();
    },
  };
}
