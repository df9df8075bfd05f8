import { acceptSpdy } from "./accept-spdy.ts";
import { acceptWebSocket } from "./accept-web-socket.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import type { ServeContext, UpgradeAttempt } from "./serve-context.ts";

/** Upgrades a connection whose token was good, and serves it to its end. */
export async function serveUpgrade(attempt: UpgradeAttempt, context: ServeContext): Promise<void> {
  const { request, socket } = attempt;
  if (request.method !== "GET" && request.method !== "POST") {
    return refuseUpgrade(socket, 405, "only GET and POST");
  }
  const upgrade = request.headers.upgrade?.toLowerCase() ?? "";
  if (upgrade === "spdy/3.1") return acceptSpdy(attempt, context);
  if (upgrade === "websocket") return acceptWebSocket(attempt, context);
  refuseUpgrade(socket, 400, "upgrade to SPDY/3.1 or WebSocket required");
}
