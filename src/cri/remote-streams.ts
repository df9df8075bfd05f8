import { StatusError } from "../errors/status-error.ts";
import type { StreamIo, Streams } from "./backend.ts";
import { completeStreamUrl } from "./complete-stream-url.ts";
import type { RuntimeService } from "./services.ts";

/** The interactive calls over CRI: the RPC of the same name returns a URL, and that is dialled. */
export function remoteStreams(runtime: RuntimeService): Streams {
  return {
    async exec({ overrides, ...request }, io) {
      if (overrides !== undefined) {
        throw new StatusError("Unimplemented", "CRI cannot change user, environment or directory");
      }
      const { write, signal, onOpen } = io;
      const isLean = write !== undefined && !request.stdin && !request.tty && !isWebSocket(io);
      // The room of the streams loads while the server makes up its mind.
      const [{ url }, lean, dial] = await Promise.all([
        runtime.exec(request, { signal }),
        isLean ? import("../streaming/lean/lean-exec.ts") : undefined,
        isLean ? undefined : import("../streaming/dial-exec.ts"),
      ]);
      const address = completeStreamUrl(url);
      if (lean !== undefined && write !== undefined && address.startsWith("http:")) {
        return await lean.leanExec(address, request, { write, signal, onOpen });
      }
      // Also what was to be lean, where the URL turns out to be https.
      const { dialExec } = dial ?? (await import("../streaming/dial-exec.ts"));
      return await dialExec(address, request, io, io.dial);
    },
    async attach(request, io) {
      const [{ url }, { dialAttach }] = await Promise.all([
        runtime.attach(request, { signal: io.signal }),
        import("../streaming/dial-attach.ts"),
      ]);
      await dialAttach(completeStreamUrl(url), request, io, io.dial);
    },
    async portForward(request, options = {}) {
      const [{ dialPortForward }, { openSessionPerConnection }] = await Promise.all([
        import("../streaming/dial-port-forward.ts"),
        import("../streaming/session-per-connection.ts"),
      ]);
      return await openSessionPerConnection(async () => {
        const { url } = await runtime.portForward(request, options);
        const dial = { ...options.dial, signal: options.signal };
        return await dialPortForward(completeStreamUrl(url), dial);
      });
    },
  };
}

function isWebSocket({ dial }: StreamIo): boolean {
  return dial?.transport === "websocket";
}
