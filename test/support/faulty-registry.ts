import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Cleanup } from "./cleanup.ts";
import type { Blob, BuiltImage } from "./image-builder.ts";

/** How a registry can misbehave, one fault per repository. */
export type RegistryFault =
  | "none"
  /** Takes the connection and never answers. */
  | "silent"
  /** Asks for credentials and accepts none. */
  | "unauthorized"
  /** Refuses everything with 403. */
  | "forbidden"
  /** Answers every request with 500. */
  | "broken"
  /** The bytes of each layer are not those of its digest. */
  | "wrong-digest"
  /** Each layer ends early, and so again when it is asked for the rest. */
  | "truncated"
  /** The manifest is no JSON. */
  | "garbage-manifest";

export interface FaultyRegistry {
  readonly host: string;
  /** A reference whose repository has that fault. */
  reference(fault: RegistryFault): string;
}

/** An HTTP server that has one image under `FAULT/image:1` for every fault. */
export async function startFaultyRegistry(
  cleanup: Cleanup,
  image: BuiltImage,
): Promise<FaultyRegistry> {
  const server = createServer((request, response) => answer(image, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add("stop the faulty registry", () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const host = `127.0.0.1:${port}`;
  return { host, reference: (fault) => `${host}/${fault}/image:1` };
}

function answer(image: BuiltImage, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "";
  if (path === "/v2/" || path === "/v2") return end(response, 200, "{}", "application/json");
  const [, fault, kind, name] = /^\/v2\/([^/]+)\/image\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
  if (fault === "silent") return;
  if (fault === "unauthorized") {
    response.setHeader("www-authenticate", 'Basic realm="test"');
    return end(response, 401, error("UNAUTHORIZED"), "application/json");
  }
  if (fault === "forbidden") return end(response, 403, error("DENIED"), "application/json");
  if (fault === "broken") return end(response, 500, "internal error", "text/plain");
  if (kind === "manifests" && fault === "garbage-manifest") {
    return end(response, 200, "<html>", image.manifest.mediaType);
  }
  if (kind === "manifests") {
    response.setHeader("docker-content-digest", image.manifest.digest);
    return end(response, 200, image.manifest.bytes, image.manifest.mediaType);
  }
  const blob = [image.config, ...image.layers].find(({ digest }) => digest === name);
  if (blob === undefined) return end(response, 404, error("BLOB_UNKNOWN"), "application/json");
  if (blob === image.config) return end(response, 200, blob.bytes, blob.mediaType);
  sendLayer(blob, fault as RegistryFault, response);
}

function sendLayer(blob: Blob, fault: RegistryFault, response: ServerResponse): void {
  if (fault === "wrong-digest") {
    const bytes = Buffer.from(blob.bytes);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
    return end(response, 200, bytes, blob.mediaType);
  }
  if (fault !== "truncated") return end(response, 200, blob.bytes, blob.mediaType);
  response.writeHead(200, { "content-length": blob.bytes.length });
  response.write(blob.bytes.subarray(0, blob.bytes.length >> 1), () => response.destroy());
}

function end(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  mediaType: string,
): void {
  response.writeHead(status, {
    "content-type": mediaType,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function error(code: string): string {
  return JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] });
}
