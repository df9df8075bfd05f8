import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { StatusError } from "../../errors/status-error.ts";
import { TUNNEL_PROTOCOL } from "../channels/protocols.ts";
import type { DialOptions } from "../dial-options.ts";
import { upgradeConnection } from "../upgrade-connection.ts";
import { createServerFrameDecoder, encodeClientFrame, OPCODE } from "./client-frames.ts";

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const NORMAL_CLOSURE = Buffer.from([0x03, 0xe8]);

/**
 * Opens a WebSocket that carries SPDY frames in binary messages, as one byte stream. The frames are
 * made here and not by ws, which refuses a protocol's name with a slash (RFC 6455, section 4.1), and
 * this one's has one. Rejects like upgradeConnection, and with FailedPrecondition where the server
 * does not tunnel.
 */
export async function openTunnel(
  url: URL,
  options: DialOptions & { signal?: AbortSignal | undefined },
): Promise<Duplex> {
  const key = randomBytes(16).toString("base64");
  const { socket, head, response } = await upgrade(url, key, options);
  const accept = createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
  if (response.headers.get("sec-websocket-accept") !== accept) {
    socket.destroy();
    throw new StatusError(
      "Unavailable",
      "streaming server answered with something else than WebSocket",
    );
  }
  if (response.headers.get("sec-websocket-protocol") !== TUNNEL_PROTOCOL) {
    socket.destroy();
    throw noTunnel();
  }
  return tunnelDuplex(socket, head);
}

async function upgrade(
  url: URL,
  key: string,
  options: DialOptions & { signal?: AbortSignal | undefined },
) {
  try {
    return await upgradeConnection(
      url,
      [
        ["Connection", "Upgrade"],
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Version", "13"],
        ["Sec-WebSocket-Key", key],
        ["Sec-WebSocket-Protocol", TUNNEL_PROTOCOL],
      ],
      { ...options, method: "GET" },
    );
  } catch (error) {
    // How servers say that they do not know the protocol: containerd 403, others 400.
    if (error instanceof StatusError && /status 40[03]\b/.test(error.message))
      throw noTunnel(error);
    throw error;
  }
}

function noTunnel(cause?: StatusError): StatusError {
  return new StatusError(
    "FailedPrecondition",
    "the runtime does not tunnel port forwarding in a WebSocket",
    {
      ...(cause === undefined ? {} : { cause }),
      hint: "leave --transport out, or write --transport spdy",
    },
  );
}

/** The payloads as one stream; its end closes the WebSocket, which has no half that could stay open. */
function tunnelDuplex(socket: Socket, head: Buffer): Duplex {
  const decode = createServerFrameDecoder();
  const duplex = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(encodeClientFrame(OPCODE.binary, chunk), (error) => done(error ?? null));
    },
    final: (done) => {
      socket.end(encodeClientFrame(OPCODE.close, NORMAL_CLOSURE));
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const take = (bytes: Buffer) => {
    try {
      for (const { opcode, payload } of decode(bytes)) {
        if (opcode === OPCODE.ping) socket.write(encodeClientFrame(OPCODE.pong, payload));
        else if (opcode === OPCODE.close) duplex.push(null);
        else if (opcode !== OPCODE.pong && !duplex.readableEnded && payload.length > 0) {
          if (!duplex.push(payload)) socket.pause();
        }
      }
    } catch (error) {
      duplex.destroy(error as Error);
    }
  };
  socket.on("data", take);
  socket.on("error", (error) => duplex.destroy(error));
  socket.on("close", () => {
    if (!duplex.destroyed && !duplex.readableEnded) duplex.push(null);
  });
  if (head.length > 0) take(head);
  socket.resume();
  return duplex;
}
