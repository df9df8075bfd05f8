import type { StreamIo } from "../cri/backend.ts";
import type { ChannelFlags } from "./channels/protocols.ts";
import type { DialOptions } from "./dial-options.ts";
import { openChannels } from "./open-channels.ts";
import { runCommand } from "./run-command.ts";

/**
 * Attaches to the container behind a URL of the Attach RPC, until its streams end. Aborting the
 * signal detaches: the call then rejects with Cancelled and the container goes on. Rejects like
 * dialExec otherwise.
 */
export async function dialAttach(
  url: string,
  request: ChannelFlags,
  io: StreamIo,
  options: DialOptions = {},
): Promise<void> {
  const channels = await openChannels(url, request, { ...options, signal: io.signal });
  io.onOpen?.();
  // There is no status but that it worked, and a server's may be lost as it closes the connection.
  await runCommand(channels, request, io, { endsWithOutput: true });
}
