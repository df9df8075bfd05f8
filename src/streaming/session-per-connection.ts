import type { Duplex } from "node:stream";
import type { PortForwardSession } from "../cri/backend.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";

/**
 * Port-forwarding with a session of its own for each connection, since those of one session hold up
 * each other: a server on moby/spdystream, as containerd and CRI-O are, reads a session's frames one
 * by one, and stops for ever at data of a connection that nobody reads any more (its port refused it,
 * or the pod has ended it), and at each slow reader's for as long as that takes.
 *
 * Rejects when the first session cannot be opened: so the pod is known to be there. The first
 * connection takes that session, the others open theirs.
 */
export async function openSessionPerConnection(
  dial: () => Promise<PortForwardSession>,
): Promise<PortForwardSession> {
  const open = new Set<PortForwardSession>();
  let isClosed = false;
  const dialAnother = async (): Promise<PortForwardSession> => {
    const session = await dial();
    open.add(session);
    if (isClosed) await session.close();
    return session;
  };
  const leave = (session: PortForwardSession): void => {
    open.delete(session);
    void session.close();
  };
  const connectOver = async (session: PortForwardSession, port: number): Promise<Duplex> => {
    try {
      const connection = await session.connect(port);
      connection.once("close", () => leave(session));
      return connection;
    } catch (error) {
      leave(session);
      throw error;
    }
  };
  let unused: PortForwardSession | undefined = await dialAnother();
  return {
    async connect(port) {
      if (isClosed) throw new StatusError("Unavailable", "connection is closed");
      const first = unused;
      unused = undefined;
      try {
        if (first !== undefined) return await connectOver(first, port);
      } catch (error) {
        // It has waited for long, perhaps for longer than the server.
        if (!hasCode(error, "Unavailable") || isClosed) throw error;
      }
      return await connectOver(await dialAnother(), port);
    },
    async close() {
      isClosed = true;
      await Promise.all([...open].map((session) => session.close()));
      open.clear();
    },
  };
}
