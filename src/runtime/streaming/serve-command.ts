import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { StreamIo, Streams } from "../../cri/backend.ts";
import { describe } from "../../errors/describe.ts";
import type { StatusCode } from "../../errors/status-error.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ChannelSet } from "../../streaming/channels/channel-set.ts";
import {
  type CommandStatus,
  formatCommandStatus,
} from "../../streaming/channels/command-status.ts";
import { hasJsonStatus } from "../../streaming/channels/protocols.ts";
import { readTerminalSizes } from "../../streaming/channels/terminal-size.ts";
import type { StreamTicket } from "./serve-context.ts";

export interface CommandContext {
  readonly ticket: Exclude<StreamTicket, { kind: "portforward" }>;
  readonly streams: Streams;
  readonly shutdown: AbortSignal;
}

/**
 * Runs one exec or attach on open channels: output first, to its last byte, then the status, then
 * the end of the connection. A client that goes away aborts the signal of the StreamIo.
 */
export async function serveCommand(channels: ChannelSet, context: CommandContext): Promise<void> {
  const { stdin, stdout, stderr, tty } = context.ticket.request;
  const gone = new AbortController();
  channels.onGone(() => gone.abort());
  const outputs: Writable[] = [];
  const output = (channel: "stdout" | "stderr"): Writable => {
    const writable = channels.writable(channel);
    outputs.push(writable);
    return writable;
  };
  const io: StreamIo = {
    ...(stdin ? { stdin: channels.readable("stdin") } : {}),
    ...(stdout ? { stdout: output("stdout") } : {}),
    ...(stderr && !tty ? { stderr: output("stderr") } : {}),
    ...(tty ? { resize: readTerminalSizes(channels.readable("resize")) } : {}),
    signal: AbortSignal.any([gone.signal, context.shutdown]),
  };
  const status = await run(context, io);
  if (gone.signal.aborted || context.shutdown.aborted) {
    channels.destroy();
    return;
  }
  await Promise.all(outputs.map(end));
  const text = statusText(channels.protocol, status);
  const errors = channels.writable("error");
  if (text !== "") errors.write(text);
  await end(errors);
  channels.close();
}

async function run({ ticket, streams }: CommandContext, io: StreamIo): Promise<CommandStatus> {
  try {
    if (ticket.kind === "exec") return await streams.exec(ticket.request, io);
    await streams.attach(ticket.request, io);
    return { exitCode: 0 };
  } catch (error) {
    const code = error instanceof StatusError ? error.code : "Unknown";
    return { failure: describe(error).message, httpStatus: HTTP_STATUS[code] ?? 500 };
  }
}

/** The client may have gone meanwhile; its streams then end or fail by themselves. */
async function end(stream: Writable): Promise<void> {
  const done = finished(stream, { readable: false });
  stream.end();
  await done.catch(() => {});
}

function statusText(protocol: string, status: CommandStatus): string {
  if (hasJsonStatus(protocol)) return formatCommandStatus(status);
  if ("failure" in status) return status.failure;
  return status.exitCode === 0 ? "" : `command terminated with exit code ${status.exitCode}`;
}

const HTTP_STATUS: Partial<Record<StatusCode, number>> = {
  InvalidArgument: 400,
  PermissionDenied: 403,
  NotFound: 404,
  FailedPrecondition: 412,
  Unimplemented: 501,
  Unavailable: 503,
  DeadlineExceeded: 504,
};
