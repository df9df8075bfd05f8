import { openLeanTransport } from "../../../../src/cri/lean-transport.ts";
import type { Transport, TransportCall } from "../../../../src/cri/transport.ts";
import type { Cleanup } from "../../../support/cleanup.ts";
import {
  type FrameConnection,
  type FrameServer,
  startFrameServer,
} from "../../../support/frame-server.ts";

export const METHOD = "/runtime.v1.RuntimeService/Version";

export interface LeanClient {
  readonly server: FrameServer;
  readonly transport: Transport;
  readonly endpoint: string;
  /** Begins a call; its answer as text. A failure that nobody has waited for yet is no unhandled one. */
  unary(call?: Partial<TransportCall>): Promise<string>;
  stream(call?: Partial<TransportCall>): AsyncIterator<Uint8Array, void>;
  /** A first call, and the connection and stream that it came on. */
  begin(
    call?: Partial<TransportCall>,
    ...settings: [number, number][]
  ): Promise<{ connection: FrameConnection; streamId: number; answered: Promise<string> }>;
}

/** The transport beside a server whose frames the test writes. */
export async function startLeanClient(
  cleanup: Cleanup,
  options: { connectTimeoutMs?: number } = {},
): Promise<LeanClient> {
  const server = await startFrameServer(cleanup);
  const endpoint = `unix://${server.path}`;
  const transport = openLeanTransport(
    { kind: "unix", text: endpoint, path: server.path, apiVersion: undefined },
    { connectTimeoutMs: 60_000, ...options },
  );
  cleanup.add("close the transport", () => transport.close());
  const toCall = (call: Partial<TransportCall> = {}): TransportCall => ({
    path: METHOD,
    message: new Uint8Array(0),
    timeoutMs: 0,
    ...call,
  });
  const unary = (call?: Partial<TransportCall>): Promise<string> => {
    const answered = transport.unary(toCall(call)).then((bytes) => Buffer.from(bytes).toString());
    answered.catch(() => undefined);
    return answered;
  };
  return {
    server,
    transport,
    endpoint,
    unary,
    stream: (call) => transport.serverStream(toCall(call))[Symbol.asyncIterator](),
    async begin(call, ...settings) {
      const answered = unary(call);
      const connection = await server.accept();
      const { streamId } = await connection.begin(...settings);
      return { connection, streamId, answered };
    },
  };
}
