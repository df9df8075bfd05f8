import { type DialOptions, PING_INTERVAL_MS } from "./dial-options.ts";
import { SpdySession } from "./spdy/session.ts";
import { upgradeConnection } from "./upgrade-connection.ts";
import { agreedProtocol, spdyHeaders } from "./upgrade-exchange.ts";

/** Upgrades a connection to SPDY/3.1 and says which of the offered protocols the server took. */
export async function openSpdySession(
  url: URL,
  protocols: readonly string[],
  options: DialOptions & { signal?: AbortSignal | undefined },
): Promise<{ session: SpdySession; protocol: string }> {
  const headers = spdyHeaders(protocols);
  const { socket, head, response } = await upgradeConnection(url, headers, options);
  const pingIntervalMs = PING_INTERVAL_MS;
  const session = new SpdySession(socket, { role: "client", head, pingIntervalMs });
  try {
    return { session, protocol: agreedProtocol(response) };
  } catch (error) {
    session.destroy();
    throw error;
  }
}
