import {
  ACCEPTED_PROTOCOLS_HEADER,
  COMMAND_PROTOCOLS,
  negotiateProtocol,
  PORT_FORWARD_PROTOCOL,
  PROTOCOL_HEADER,
  SPDY_UPGRADE,
} from "../../streaming/channels/protocols.ts";
import { collectChannels } from "./collect-channels.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { serveCommand } from "./serve-command.ts";
import type { ServeContext, UpgradeAttempt } from "./serve-context.ts";
import { servePortForward } from "./serve-port-forward.ts";

/** Agrees on a protocol, upgrades to SPDY/3.1 and serves the streams. */
export async function acceptSpdy(attempt: UpgradeAttempt, context: ServeContext): Promise<void> {
  const { socket, head } = attempt;
  const { ticket } = context;
  const supported = ticket.kind === "portforward" ? [PORT_FORWARD_PROTOCOL] : COMMAND_PROTOCOLS;
  const offered = offeredProtocols(attempt);
  // Clients older than the header speak the first version.
  const protocol = offered.length === 0 ? supported.at(-1) : negotiateProtocol(offered, supported);
  if (protocol === undefined) {
    const headers = { [ACCEPTED_PROTOCOLS_HEADER]: supported.join(", ") };
    return refuseUpgrade(socket, 403, "no common stream protocol", headers);
  }
  const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade"];
  lines.push(`Upgrade: ${SPDY_UPGRADE}`, `${PROTOCOL_HEADER}: ${protocol}`);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  if (ticket.kind === "portforward") {
    return servePortForward(socket, head, { ...context, request: ticket.request });
  }
  const channels = await collectChannels(socket, head, {
    request: ticket.request,
    protocol,
    timeoutMs: context.openTimeoutMs,
  });
  if (channels !== undefined) await serveCommand(channels, { ...context, ticket });
}

function offeredProtocols({ request }: UpgradeAttempt): string[] {
  const value = request.headers[PROTOCOL_HEADER.toLowerCase()] ?? "";
  const text = Array.isArray(value) ? value.join(",") : value;
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
