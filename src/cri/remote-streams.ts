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
      const { dialExec } = await import("../streaming/dial-exec.ts");
      const { url } = await runtime.exec(request, { signal: io.signal });
      return await dialExec(completeStreamUrl(url), request, io, io.dial);
    },
    async attach(request, io) {
      const { dialAttach } = await import("../streaming/dial-attach.ts");
      const { url } = await runtime.attach(request, { signal: io.signal });
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
