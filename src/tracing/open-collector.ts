import { openGrpcJsTransport } from "../cri/grpc-js-transport.ts";
import { parseEndpoint } from "../cri/parse-endpoint.ts";
import { StatusError } from "../errors/status-error.ts";

export interface Collector {
  /** Sends an encoded ExportTraceServiceRequest. Rejects with StatusError. */
  export(request: Uint8Array): Promise<void>;
  close(): void;
}

const PATH = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
/** A command does not wait longer for somebody who only listens. */
const TIMEOUT_MS = 2000;

/** A collector at HOST:PORT, in the clear as crictl's. Throws InvalidArgument for another form. */
export async function openCollector(address: string): Promise<Collector> {
  const endpoint = /^[^/]+:\d+$/.test(address) ? parseEndpoint(`tcp://${address}`) : undefined;
  if (endpoint?.kind !== "tcp") {
    throw new StatusError("InvalidArgument", `--tracing-endpoint: "${address}" is not HOST:PORT`);
  }
  const transport = await openGrpcJsTransport(endpoint, { connectTimeoutMs: TIMEOUT_MS });
  return {
    async export(message) {
      await transport.unary({ path: PATH, message, timeoutMs: TIMEOUT_MS });
    },
    close: () => transport.close(),
  };
}
