/**
 * The dial helper: a process inside a pod's network namespace that connects to ports on its loopback and
 * hands each socket to its parent, which then has the connection itself: its bytes, its half-closes, its
 * resets. They speak over the channel of child processes; the helper lives as long as that is open.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What the parent asks. */
export interface DialRequest {
  readonly id: number;
  readonly port: number;
}

/** The first message says `ready`; each further one answers a request, with the socket or the reason. */
export type DialAnswer =
  | { readonly ready: true }
  | { readonly id: number; readonly reason?: string | undefined };

/** Programs listen on either; the first that accepts is taken. */
const LOOPBACKS = ["127.0.0.1", "::1"];

/** Resolves when the parent has gone. */
export async function runDialHelper(): Promise<number> {
  const isGone = once(process, "disconnect");
  process.on("message", (request: DialRequest) => void serve(request));
  answer({ ready: true });
  await isGone;
  return 0;
}

async function serve({ id, port }: DialRequest): Promise<void> {
  const { socket, reason } = await dialLoopback(port);
  answer({ id, reason }, socket);
}

function answer(message: DialAnswer, socket?: Socket): void {
  // A parent that has gone meanwhile ends this process.
  process.send?.(message, socket, {}, () => {});
}

async function dialLoopback(port: number): Promise<{ socket?: Socket; reason?: string }> {
  let reason: string | undefined;
  for (const host of LOOPBACKS) {
    const result = await dial(host, port);
    if (typeof result !== "string") return { socket: result };
    reason ??= result;
  }
  return { reason: reason ?? "" };
}

function dial(host: string, port: number): Promise<Socket | string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    // What it reads here its next owner would miss.
    socket.pause();
    socket.once("error", (error) => resolve(error.message));
    socket.once("connect", () => resolve(socket));
  });
}
