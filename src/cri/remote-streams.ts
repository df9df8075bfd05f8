import { StatusError } from "../errors/status-error.ts";
import type { Streams } from "./backend.ts";
import { completeStreamUrl } from "./complete-stream-url.ts";
import type { RuntimeService } from "./services.ts";

/** The interactive calls over CRI: the RPC of the same name returns a URL, and that is dialled. */
export function remoteStreams(runtime: RuntimeService): Streams {
  return {
    async exec({ overrides, ...request }, io) {
      if (overrides !== undefined) {
        throw new StatusError("Unimplemented", "CRI cannot change user, environment or directory");
      }
      // The room of the streams loads while the server makes up its mind.
      const [{ url }, { dialExec }] = await Promise.all([
        runtime.exec(request, { signal: io.signal }),
        import("../streaming/dial-exec.ts"),
      ]);
      return await dialExec(completeStreamUrl(url), request, io, io.dial);
    },
    async attach(request, io) {
      const [{ url }, { dialAttach }] = await Promise.all([
        runtime.attach(request, { signal: io.signal }),
        import("../streaming/dial-attach.ts"),
      ]);
      await dialAttach(completeStreamUrl(url), request, io, io.dial);
    },
    async portForward(request, options = {}) {
      const { dialPortForward } = await import("../streaming/dial-port-forward.ts");
      const { url } = await runtime.portForward(request, options);
      return await dialPortForward(completeStreamUrl(url), {
        ...options.dial,
        signal: options.signal,
      });
    },
  };
}
