import type { StreamIo } from "../cri/backend.ts";
import type { ChannelFlags } from "./channels/protocols.ts";
import type { DialOptions } from "./dial-options.ts";
import { openChannels } from "./open-channels.ts";
import { runCommand } from "./run-command.ts";

/**
 * Runs the command behind a URL of the Exec RPC; resolves to its own status when it has ended and
 * every byte is written. Rejects with NotFound for a URL that was used or has expired, Unavailable
 * when the connection cannot be made or breaks, Cancelled by the signal, NotFound and
 * PermissionDenied also where the program is missing or not executable.
 */
export async function dialExec(
  url: string,
  request: ChannelFlags,
  io: StreamIo,
  options: DialOptions = {},
): Promise<{ exitCode: number }> {
  const channels = await openChannels(url, request, { ...options, signal: io.signal });
  io.onOpen?.();
  return runCommand(channels, request, io);
}
