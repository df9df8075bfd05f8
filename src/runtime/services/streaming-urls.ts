import type { Streams } from "../../cri/backend.ts";
import type {
  AttachRequest,
  AttachResponse,
  ExecRequest,
  ExecResponse,
  PortForwardRequest,
  PortForwardResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { assertIsRunning } from "../containers/container-state.ts";
import { getContainer } from "../containers/find-container.ts";
import type { Engine } from "../engine.ts";
import { assertSandboxReady } from "../sandboxes/assert-sandbox-ready.ts";
import { resolveSandboxId } from "../sandboxes/sandbox-store.ts";
import type { StreamingServer } from "../streaming/streaming-server.ts";

/** Exec, Attach and PortForward as CRI has them: a URL that serves one connection. */
export interface StreamingUrls {
  exec(request: ExecRequest): Promise<ExecResponse>;
  attach(request: AttachRequest): Promise<AttachResponse>;
  portForward(request: PortForwardRequest): Promise<PortForwardResponse>;
  /** Ends the server and its connections. Idempotent. */
  close(): Promise<void>;
}

/** The server starts with the first URL that is asked for, on the node's loopback. */
export function createStreamingUrls(engine: Engine, streams: Streams): StreamingUrls {
  let opening: Promise<StreamingServer> | undefined;
  const server = () => (opening ??= openServer(streams));
  return {
    async exec(request) {
      if (request.cmd.length === 0) {
        throw new StatusError("InvalidArgument", "there is no command to execute");
      }
      checkStreams(request);
      const container = await getContainer(engine, request.containerId);
      assertIsRunning(container);
      return { url: (await server()).execUrl({ ...request, containerId: container.id }) };
    },
    async attach(request) {
      checkStreams(request);
      const container = await getContainer(engine, request.containerId);
      assertIsRunning(container);
      return { url: (await server()).attachUrl({ ...request, containerId: container.id }) };
    },
    async portForward(request) {
      const podSandboxId = resolveSandboxId(engine, request.podSandboxId) ?? request.podSandboxId;
      assertSandboxReady(engine, podSandboxId);
      return { url: (await server()).portForwardUrl({ ...request, podSandboxId }) };
    },
    async close() {
      const opened = await opening?.catch(() => undefined);
      await opened?.close();
    },
  };
}

function checkStreams(request: Pick<ExecRequest, "tty" | "stdin" | "stdout" | "stderr">): void {
  if (!request.stdin && !request.stdout && !request.stderr) {
    throw new StatusError("InvalidArgument", "none of stdin, stdout and stderr is asked for");
  }
  if (request.tty && request.stderr) {
    throw new StatusError("InvalidArgument", "a terminal has no stderr of its own");
  }
}

async function openServer(streams: Streams): Promise<StreamingServer> {
  const { createStreamingServer } = await import("../streaming/streaming-server.ts");
  return await createStreamingServer({ streams });
}
