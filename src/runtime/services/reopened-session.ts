import type { PortForwardSession } from "../../cri/backend.ts";
import { hasCode } from "../../errors/status-error.ts";

/**
 * A session that is opened anew when it is gone, as where its helper was killed: the connection that
 * finds it so goes over the new one. Rejects when the first cannot be opened.
 */
export async function reopenedSession(
  open: () => Promise<PortForwardSession>,
): Promise<PortForwardSession> {
  let current: Promise<PortForwardSession> | undefined = open();
  let isClosed = false;
  const forget = (session: Promise<PortForwardSession>): void => {
    if (current === session) current = undefined;
    void closeQuietly(session);
  };
  const connect = async (port: number, mayReopen: boolean) => {
    current ??= open();
    const session = current;
    try {
      const opened = await session.catch((error: unknown) => {
        forget(session);
        throw error;
      });
      return await opened.connect(port);
    } catch (error) {
      if (isClosed || !hasCode(error, "Unavailable")) throw error;
      forget(session);
      if (!mayReopen) throw error;
      return await connect(port, false);
    }
  };
  await current;
  return {
    connect: (port) => connect(port, true),
    async close() {
      isClosed = true;
      await closeQuietly(current);
    },
  };
}

async function closeQuietly(opening: Promise<PortForwardSession> | undefined): Promise<void> {
  const session = await opening?.catch(() => undefined);
  await session?.close();
}
