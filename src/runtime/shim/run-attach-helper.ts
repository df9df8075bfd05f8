/**
 * The attach helper: a process of its own, because no event loop can poll conmon's SOCK_SEQPACKET
 * socket. Between ordinary pipes to its parent (0, 1, 2; 3 for messages) and the socket it moves
 * bytes, and never lets a slow parent hold up the container: it gives up on it instead.
 */
import { read, write, writeSync } from "node:fs";
// A helper's data channel, which nobody reads but its parent.
import { stderr, stdin, stdout } from "node:process";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { describe } from "../../errors/describe.ts";
import { connectSeqpacket, shutdownSocket } from "../host/seqpacket.ts";

/** Statuses of the helper that its parent understands. */
export const ATTACH_STATUS = { ended: 0, notConnected: 3, tooSlow: 4 } as const;
/** Written to descriptor 3 once the socket is connected. */
export const ATTACH_READY = "ready";

const MESSAGES_DESCRIPTOR = 3;
/** conmon cuts longer packets silently. */
const LARGEST_SENT_BYTES = 8 * 1024;
const LARGEST_RECEIVED_BYTES = 64 * 1024;
const LARGEST_BACKLOG_BYTES = 8 * 1024 * 1024;
/** First bytes of conmon's packets. */
const STREAM = { stdout: 2, stderr: 3 } as const;

const readDescriptor = promisify(read);
const writeDescriptor = promisify(write);

/** Arguments: the socket, then `--stdin` to pass stdin on. Resolves to the process's status. */
export async function runAttachHelper(argv: readonly string[]): Promise<number> {
  const [path = "", ...flags] = argv;
  let socket: number;
  try {
    socket = await connectSeqpacket(path);
  } catch (error) {
    writeSync(MESSAGES_DESCRIPTOR, `${describe(error).message}\n`);
    return ATTACH_STATUS.notConnected;
  }
  writeSync(MESSAGES_DESCRIPTOR, `${ATTACH_READY}\n`);
  if (flags.includes("--stdin")) void sendInput(socket);
  return await receiveOutput(socket);
}

async function receiveOutput(socket: number): Promise<number> {
  const outputs = { [STREAM.stdout]: openOutput(stdout), [STREAM.stderr]: openOutput(stderr) };
  while (true) {
    const packet = Buffer.allocUnsafe(LARGEST_RECEIVED_BYTES);
    const { bytesRead } = await readDescriptor(socket, packet, 0, packet.length, null).catch(
      () => ({
        bytesRead: 0,
      }),
    );
    if (bytesRead === 0) break;
    const output = packet[0] === STREAM.stderr ? outputs[STREAM.stderr] : outputs[STREAM.stdout];
    output.write(packet.subarray(1, bytesRead));
    if (output.backlogBytes() > LARGEST_BACKLOG_BYTES) return ATTACH_STATUS.tooSlow;
  }
  await Promise.all(Object.values(outputs).map((output) => output.drained()));
  return ATTACH_STATUS.ended;
}

interface Output {
  write(data: Buffer): void;
  backlogBytes(): number;
  drained(): Promise<void>;
}

function openOutput(stream: Writable): Output {
  let backlog = 0;
  let last = Promise.resolve();
  stream.on("error", () => {});
  return {
    write(data) {
      backlog += data.length;
      const written = new Promise<void>((resolve) => {
        stream.write(data, () => {
          backlog -= data.length;
          resolve();
        });
      });
      last = last.then(() => written);
    },
    backlogBytes: () => backlog,
    drained: () => last,
  };
}

/** The end of our stdin is that of the container's. */
async function sendInput(socket: number): Promise<void> {
  try {
    for await (const chunk of stdin) {
      const data = Buffer.from(chunk);
      for (let offset = 0; offset < data.length; offset += LARGEST_SENT_BYTES) {
        const part = data.subarray(offset, offset + LARGEST_SENT_BYTES);
        await writeDescriptor(socket, part, 0, part.length, null);
      }
    }
    await shutdownSocket(socket, "write");
  } catch {
    // The container has ended or closed its stdin; its output tells the rest.
  }
}
