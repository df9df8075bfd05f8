import { StatusError } from "../errors/status-error.ts";
import { PROTOCOL_HEADER, SPDY_UPGRADE } from "./channels/protocols.ts";
import { type DialOptions, PING_INTERVAL_MS } from "./dial-options.ts";
import { SpdySession } from "./spdy/session.ts";
import { upgradeConnection } from "./upgrade-connection.ts";

/** Upgrades a connection to SPDY/3.1 and says which of the offered protocols the server took. */
export async function openSpdySession(
  url: URL,
  protocols: readonly string[],
  options: DialOptions & { signal?: AbortSignal | undefined },
): Promise<{ session: SpdySession; protocol: string }> {
  const { socket, head, response } = await upgradeConnection(
    url,
    [
      ["Connection", "Upgrade"],
      ["Upgrade", SPDY_UPGRADE],
      ...protocols.map((protocol): [string, string] => [PROTOCOL_HEADER, protocol]),
    ],
    options,
  );
  const session = new SpdySession(socket, {
    role: "client",
    head,
    pingIntervalMs: PING_INTERVAL_MS,
  });
  const protocol = response.headers.get(PROTOCOL_HEADER.toLowerCase()) ?? "";
  if (response.headers.get("upgrade")?.toLowerCase() === SPDY_UPGRADE.toLowerCase()) {
    return { session, protocol };
  }
  session.destroy();
  throw new StatusError("Unavailable", "streaming server upgraded to something else than SPDY/3.1");
}
