import type { Duplex } from "node:stream";
import type { PortForwardSession } from "../../cri/backend.ts";
import { hasCode } from "../../errors/status-error.ts";

/** Connections to a pod, over one session as long as none of them fails. */
export interface SharedSessions {
  /** Who gets the duplex releases it when it is over; `hasFailed` where the pod's side broke it. */
  connect(remote: number): Promise<{ far: Duplex; release(hasFailed: boolean): void }>;
  close(): Promise<void>;
}

interface Shared {
  readonly opening: Promise<PortForwardSession>;
  users: number;
  isSpent: boolean;
}

/**
 * Opens another session where one is gone, and where a connection of it has failed: a server on
 * moby/spdystream, as containerd is, stops reading a session in which data came for a port that
 * nobody listens on. Connections that a spent session still has go on; the last closes it.
 */
export function shareSessions(
  first: PortForwardSession,
  options: { open(): Promise<PortForwardSession>; readonly signal: AbortSignal },
): SharedSessions {
  const all = new Set<Shared>();
  const share = (opening: Promise<PortForwardSession>): Shared => {
    const made = { opening, users: 0, isSpent: false };
    all.add(made);
    return made;
  };
  let current = share(Promise.resolve(first));
  const leave = (session: Shared, isSpent: boolean): void => {
    session.users -= 1;
    session.isSpent ||= isSpent;
    if (session.isSpent && session.users === 0 && all.delete(session)) void closeQuietly(session);
  };
  const connectOver = async (session: Shared, remote: number) => {
    session.users += 1;
    let isOpen = false;
    try {
      const opened = await session.opening;
      isOpen = true;
      const far = await opened.connect(remote);
      return { far, release: (hasFailed: boolean) => leave(session, hasFailed) };
    } catch (error) {
      leave(session, !isOpen || hasCode(error, "Unavailable"));
      throw error;
    }
  };
  const usable = (): Shared => {
    if (current.isSpent) current = share(options.open());
    return current;
  };
  return {
    async connect(remote) {
      try {
        return await connectOver(usable(), remote);
      } catch (error) {
        if (!hasCode(error, "Unavailable") || options.signal.aborted) throw error;
        return await connectOver(usable(), remote);
      }
    },
    async close() {
      await Promise.all([...all].map(closeQuietly));
    },
  };
}

async function closeQuietly({ opening }: Shared): Promise<void> {
  await opening.then((session) => session.close()).catch(() => {});
}
