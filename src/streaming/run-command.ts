import type { Readable } from "node:stream";
import type { StreamIo, TerminalSize } from "../cri/backend.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";
import type { ChannelSet } from "./channels/channel-set.ts";
import {
  type CommandStatus,
  commandFailure,
  isWholeStatus,
  readCommandStatus,
  requireShortStatus,
} from "./channels/command-status.ts";
import { type ChannelFlags, hasJsonStatus } from "./channels/protocols.ts";
import { formatTerminalSize } from "./channels/terminal-size.ts";
import { type InputPump, pumpInput, pumpOutput } from "./pump.ts";

export interface RunOptions {
  /** Whether the end of all output is the end, be there a status or not. */
  readonly endsWithOutput?: boolean;
}

/**
 * Moves the bytes of one exec or attach until the remote side has ended and all of its output is
 * written, and returns its status. Ends the connection in every case. Rejects with Cancelled by the
 * signal, Unavailable when the connection broke, otherwise with what the server says.
 */
export async function runCommand(
  channels: ChannelSet,
  request: ChannelFlags,
  io: StreamIo,
  { endsWithOutput = false }: RunOptions = {},
): Promise<{ exitCode: number }> {
  const stops: (() => void)[] = [];
  let input: InputPump | undefined;
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new StatusError("Cancelled", "stream was interrupted"));
  try {
    if (io.signal.aborted) onAbort();
    io.signal.addEventListener("abort", onAbort, { once: true });
    stops.push(() => io.signal.removeEventListener("abort", onAbort));
    if (request.stdin && io.stdin !== undefined) {
      input = pumpInput(io.stdin, channels.writable("stdin"), { isTerminal: request.tty });
      stops.push(input.stop);
    } else if (request.stdin) {
      channels.writable("stdin").end();
    }
    if (request.tty && io.resize !== undefined) stops.push(pumpSizes(io.resize, channels));
    const ending = readStatus(channels);
    ending.catch(() => {});
    // Output first: what arrived before the connection broke is written too.
    const outputs = Promise.all([
      request.stdout ? pumpOutput(channels.readable("stdout"), io.stdout) : undefined,
      request.stderr && !request.tty
        ? pumpOutput(channels.readable("stderr"), io.stderr)
        : undefined,
    ]);
    await Promise.race([outputs, interrupted]);
    if (input !== undefined) stops.push(watchStuckInput(input, reject));
    const isWhole = endsWithOutput && hasAllOutput(channels, request);
    const status = await Promise.race([isWhole ? orSuccess(ending) : ending, interrupted]);
    if ("failure" in status) throw commandFailure(status);
    channels.close();
    return status;
  } catch (error) {
    channels.destroy();
    throw error;
  } finally {
    for (const stop of stops) stop();
  }
}

/** Whether the server itself has ended every output, as opposed to the connection. */
function hasAllOutput(channels: ChannelSet, { stdout, stderr, tty }: ChannelFlags): boolean {
  if (!stdout && !stderr) return false;
  return (!stdout || channels.isEnded("stdout")) && (!stderr || tty || channels.isEnded("stderr"));
}

function orSuccess(ending: Promise<CommandStatus>): Promise<CommandStatus> {
  return ending.catch((error: unknown) => {
    if (hasCode(error, "Unavailable")) return { exitCode: 0 };
    throw error;
  });
}

/**
 * Reads the error channel. A whole status is the end of everything: servers send it when all output
 * is on the wire. Some then never end their streams: spdystream blocks for ever when it resets a
 * stdin that nobody reads any more.
 */
async function readStatus(channels: ChannelSet): Promise<CommandStatus> {
  const hasJson = hasJsonStatus(channels.protocol);
  const text = await readText(channels.readable("error"), hasJson ? isWholeStatus : undefined);
  const status = readCommandStatus(channels.protocol, text);
  if (hasJson) channels.endReadables();
  return status;
}

async function readText(source: Readable, isWhole = (_text: string) => false): Promise<string> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of source) {
    bytes = Buffer.concat([bytes, chunk]);
    requireShortStatus(bytes.length);
    if (isWhole(bytes.toString("utf8"))) break;
  }
  return bytes.toString("utf8");
}

/**
 * With all output at its end and stdin not taken any more, the command is over and the status will
 * not come: containerd 1.6 waits for ever to write a large stdin to a command that has ended.
 */
function watchStuckInput(input: InputPump, fail: (error: StatusError) => void): () => void {
  const timer = setInterval(() => {
    if (input.waitedMs() < STUCK_INPUT_MS) return;
    const message = "output has ended, but the server neither takes the input nor tells the status";
    fail(new StatusError("Unavailable", message));
  }, 250);
  return () => clearInterval(timer);
}

/** Sends each size; a source that fails only stops the resizing. */
function pumpSizes(sizes: AsyncIterable<TerminalSize>, channels: ChannelSet): () => void {
  const iterator = sizes[Symbol.asyncIterator]();
  const sink = channels.writable("resize");
  let isStopped = false;
  const pump = async (): Promise<void> => {
    for (let next = await iterator.next(); !next.done && !isStopped; next = await iterator.next()) {
      sink.write(formatTerminalSize(next.value));
    }
  };
  sink.on("error", () => {});
  pump().catch(() => {});
  return () => {
    isStopped = true;
    iterator.return?.()?.catch(() => {});
  };
}

const STUCK_INPUT_MS = 10_000;
