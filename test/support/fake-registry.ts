import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cleanup } from "./cleanup.ts";
import type { Blob, BuiltImage } from "./image-builder.ts";

/** A registry that misbehaves as told: what no real one does on request. */
export interface FakeRegistry {
  /** `127.0.0.1:PORT`, plain http. */
  readonly host: string;
  /** `METHOD path` of each request, with its Range and Authorization headers. */
  readonly requests: {
    line: string;
    range: string | undefined;
    authorization: string | undefined;
  }[];
  /** Answers instead of the registry where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

/** Serves one image under any repository and tag; `intercept` comes first with every request. */
export async function startFakeRegistry(
  cleanup: Cleanup,
  image: BuiltImage,
): Promise<FakeRegistry> {
  const blobs = new Map<string, Blob>();
  for (const blob of [image.config, image.manifest, ...image.layers]) blobs.set(blob.digest, blob);
  const server = createServer(async (request, response) => {
    const { range, authorization } = request.headers;
    registry.requests.push({ line: `${request.method} ${request.url}`, range, authorization });
    if (await registry.intercept(request, response)) return;
    const path = request.url ?? "";
    const digest = /sha256:[0-9a-f]{64}$/.exec(path)?.[0];
    const blob = path.includes("/manifests/") && !digest ? image.manifest : blobs.get(digest ?? "");
    if (blob === undefined) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      return;
    }
    sendBlob(response, blob, request.headers.range);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  cleanup.add("close the fake registry", () => {
    server.closeAllConnections();
    server.close();
  });
  const registry: FakeRegistry = {
    host: `127.0.0.1:${port}`,
    requests: [],
    intercept: () => false,
  };
  return registry;
}

function sendBlob(response: ServerResponse, blob: Blob, range: string | undefined): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const total = blob.bytes.length;
  response.writeHead(start > 0 ? 206 : 200, {
    "content-type": blob.mediaType,
    "content-length": total - start,
    ...(start > 0 ? { "content-range": `bytes ${start}-${total - 1}/${total}` } : {}),
  });
  response.end(blob.bytes.subarray(start));
}
