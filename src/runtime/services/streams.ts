import type { Streams } from "../../cri/backend.ts";
import type { Engine } from "../engine.ts";
import { guardCall } from "./guard-call.ts";

/** The interactive calls of the embedded runtime: no URL, the process itself. */
export function createStreams(engine: Engine): Streams {
  return {
    exec: async (request, io) =>
      await guardCall(async () => {
        const { execStream } = await import("../containers/exec-stream.ts");
        return await execStream(engine, request, io);
      })(request),
    attach: async (request, io) =>
      await guardCall(async () => {
        const { attachStream } = await import("../containers/attach-stream.ts");
        await attachStream(engine, request, io);
      })(request),
    portForward: guardCall(async (request) =>
      (await import("./port-forward.ts")).openPortForward(engine, request),
    ),
  };
}
