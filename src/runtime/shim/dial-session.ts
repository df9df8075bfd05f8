import type { ChildProcess, SendHandle } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PortForwardSession } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { selfCommand } from "../../host/self-executable.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import type { DialAnswer, DialRequest } from "./run-dial-helper.ts";

/**
 * Starts a helper in the network namespace (undefined: the node's own) and hands out connections to
 * ports on its loopback. `connect` rejects with FailedPrecondition where nobody listens, and with
 * Unavailable once the helper has gone. A connection outlives the helper, and ends with `close`.
 */
export async function openDialSession(
  networkNamespace: string | undefined,
): Promise<PortForwardSession> {
  const child = startHelper(networkNamespace);
  const sockets = new Set<Socket>();
  const waiting = new Map<number, PromiseWithResolvers<Duplex> & { port: number }>();
  let isGone = false;
  let lastId = 0;
  const gone = (): void => {
    isGone = true;
    for (const { reject } of waiting.values()) reject(helperHasEnded());
    waiting.clear();
  };
  const close = (): void => {
    gone();
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
  };
  child.once("disconnect", gone);
  child.on("error", gone);
  try {
    await waitUntilReady(child);
  } catch (error) {
    close();
    throw error;
  }
  child.on("message", (answer: DialAnswer, handle: SendHandle | undefined) => {
    const socket = handle as Socket | undefined;
    const asked = "id" in answer ? waiting.get(answer.id) : undefined;
    if (asked === undefined || !("id" in answer)) {
      socket?.destroy();
      return;
    }
    waiting.delete(answer.id);
    if (socket === undefined) asked.reject(unreachable(asked.port, answer.reason));
    else asked.resolve(keep(socket, sockets));
  });
  return {
    connect(port) {
      if (isGone) return Promise.reject(helperHasEnded());
      const request: DialRequest = { id: ++lastId, port };
      const asked = { port, ...Promise.withResolvers<Duplex>() };
      waiting.set(request.id, asked);
      child.send(request, (error) => {
        if (error instanceof Error) gone();
      });
      return asked.promise;
    },
    close: async () => close(),
  };
}

function startHelper(networkNamespace: string | undefined): ChildProcess {
  const { command, args } = selfCommand(["internal", "dial"]);
  const enter =
    networkNamespace === undefined ? [] : ["nsenter", `--net=${networkNamespace}`, "--"];
  const [program = command, ...rest] = [...enter, command, ...args];
  return spawnProcess(program, rest, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
}

/** Its first message says so; it may end instead. */
async function waitUntilReady(child: ChildProcess): Promise<void> {
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = `${errors}${chunk}`.slice(-MAX_ERROR_CHARACTERS);
  });
  const ended = new AbortController();
  child.once("close", () => ended.abort());
  try {
    await once(child, "message", { signal: ended.signal });
  } catch (cause) {
    throw new StatusError("Internal", `cannot enter the pod's network: ${errors.trim()}`, {
      cause,
    });
  }
}

function keep(socket: Socket, sockets: Set<Socket>): Socket {
  // It does not come over with the socket.
  socket.allowHalfOpen = true;
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  return socket;
}

function helperHasEnded(): StatusError {
  return new StatusError("Unavailable", "the port-forward helper has ended");
}

function unreachable(port: number, reason = "no answer"): StatusError {
  return new StatusError(
    "FailedPrecondition",
    `cannot connect to port ${port} in the pod: ${reason}`,
  );
}

const MAX_ERROR_CHARACTERS = 1000;
