import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { PortForwardSession } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { selfCommand } from "../../host/self-executable.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import { DIAL_CONNECTED, DIAL_READY, readLine } from "./run-dial-helper.ts";
import { unixAddress } from "./unix-address.ts";

/**
 * Starts a helper in the network namespace (undefined: the node's own) and hands out connections to
 * ports on its loopback. The socket's path must be free; it is removed at the close.
 */
export async function openDialSession(options: {
  readonly networkNamespace: string | undefined;
  readonly socketPath: string;
}): Promise<PortForwardSession> {
  const { networkNamespace, socketPath } = options;
  const { command, args } = selfCommand(["internal", "dial", socketPath]);
  const [program, ...rest] =
    networkNamespace === undefined
      ? [command, ...args]
      : ["nsenter", `--net=${networkNamespace}`, "--", command, ...args];
  const child = spawnProcess(program ?? command, rest, { stdio: ["pipe", "pipe", "pipe"] });
  const sockets = new Set<Socket>();
  const close = () => {
    for (const socket of sockets) socket.destroy();
    child.stdin?.destroy();
    child.kill("SIGKILL");
    rmSync(socketPath, { force: true });
  };
  try {
    await waitUntilReady(child);
  } catch (error) {
    close();
    throw error;
  }
  return {
    connect: (port) => connectThrough(socketPath, port, sockets),
    close: async () => close(),
  };
}

async function waitUntilReady(child: ChildProcess): Promise<void> {
  child.on("error", () => {});
  const errors = collectText(child.stderr);
  const pipe = child.stdout as Readable;
  for await (const chunk of pipe.iterator({ destroyOnReturn: false })) {
    if (String(chunk).startsWith(DIAL_READY)) return;
  }
  throw new StatusError("Internal", `cannot enter the pod's network: ${errors().trim()}`);
}

function collectText(stream: Readable | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-1000);
  });
  return () => text;
}

async function connectThrough(
  socketPath: string,
  port: number,
  sockets: Set<Socket>,
): Promise<Duplex> {
  const socket = await connectUnix(socketPath);
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  socket.write(`${port}\n`);
  const answer = await readLine(socket);
  if (answer === DIAL_CONNECTED) return socket;
  socket.destroy();
  if (answer === "") throw new StatusError("Unavailable", "the port-forward helper has ended");
  throw new StatusError(
    "FailedPrecondition",
    `cannot connect to port ${port} in the pod: ${answer}`,
  );
}

function connectUnix(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { address, release } = unixAddress(path);
    const socket = connect({ path: address, allowHalfOpen: true });
    socket.once("connect", () => {
      release();
      resolve(socket);
    });
    socket.once("error", (cause) => {
      release();
      reject(new StatusError("Unavailable", "the port-forward helper does not answer", { cause }));
    });
  });
}
