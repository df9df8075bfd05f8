import { StatusError } from "../errors/status-error.ts";
import type { Streams } from "./backend.ts";
import type { RuntimeService } from "./services.ts";

/** How the bytes of exec and attach travel. */
export type StreamTransport = "spdy" | "websocket";

export interface RemoteStreamsOptions {
  streamTransport?: StreamTransport | undefined;
  timeoutMs?: number | undefined;
}

/** The interactive calls over CRI: ask for a URL, dial it. */
export function remoteStreams(_runtime: RuntimeService, _options: RemoteStreamsOptions): Streams {
  const refuse = async () => {
    throw new StatusError("Unimplemented", "streams over CRI are not connected yet");
  };
  return { exec: refuse, attach: refuse, portForward: refuse };
}
