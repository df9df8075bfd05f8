import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Cleanup } from "./cleanup.ts";

/** A registry in memory that takes uploads as the distribution specification has them, and misbehaves as told. */
export interface UploadRegistry {
  /** `127.0.0.1:PORT`, plain http. */
  readonly host: string;
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, Buffer>;
  /** `METHOD path`, without what is random in it, and the Content-Range. */
  readonly requests: {
    line: string;
    range: string | undefined;
    authorization: string | undefined;
  }[];
  /** Of all PATCH and PUT bodies of blobs. */
  receivedBytes: number;
  /** Answers instead of the registry where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Told of each piece of a PATCH; false breaks the connection off. */
  onPiece: (uploadBytes: number) => boolean;
  /** Begins anew, with nothing in it. */
  reset(): void;
}

export async function startUploadRegistry(cleanup: Cleanup): Promise<UploadRegistry> {
  const uploads = new Map<string, Buffer[]>();
  const registry: UploadRegistry = {
    host: "",
    blobs: new Map(),
    manifests: new Map(),
    requests: [],
    receivedBytes: 0,
    intercept: () => false,
    onPiece: () => true,
    reset() {
      for (const map of [uploads, registry.blobs, registry.manifests]) map.clear();
      registry.requests.length = 0;
      registry.receivedBytes = 0;
      registry.intercept = () => false;
      registry.onPiece = () => true;
    },
  };
  const server = createServer((request, response) => {
    const { authorization, "content-range": range } = request.headers;
    const line = `${request.method} ${request.url?.replace(/u\d+|\?.*/g, "")}`;
    registry.requests.push({ line, range, authorization });
    if (registry.intercept(request, response)) return;
    answer(registry, uploads, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add("close the upload registry", () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(registry, { host: `127.0.0.1:${port}` });
}

async function answer(
  registry: UploadRegistry,
  uploads: Map<string, Buffer[]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "", "http://registry");
  const end = (status: number, headers: Record<string, string> = {}) => {
    response.writeHead(status, headers).end();
  };
  const path = url.pathname;
  const name = path.split("/").at(-1) ?? "";
  const { method } = request;
  if (path === "/v2/") return end(200);
  if (path.endsWith("/blobs/uploads/")) {
    const id = `u${registry.requests.length}`;
    uploads.set(id, []);
    return end(202, { location: `${path}${id}`, range: "0-0" });
  }
  if (path.includes("/blobs/uploads/")) {
    const pieces = uploads.get(name);
    if (pieces === undefined) return end(404);
    if (method === "PATCH" || method === "PUT") {
      const start = request.headers["content-range"]?.split("-")[0];
      if (start !== undefined && Number(start) !== sizeOf(pieces)) return end(416);
      for await (const piece of request as AsyncIterable<Buffer>) {
        pieces.push(piece);
        registry.receivedBytes += piece.length;
        if (method === "PATCH" && !registry.onPiece(sizeOf(pieces))) return void response.destroy();
      }
    }
    if (method !== "PUT") {
      const range = `0-${Math.max(0, sizeOf(pieces) - 1)}`;
      return end(method === "GET" ? 204 : 202, { location: path, range });
    }
    const bytes = Buffer.concat(pieces);
    uploads.delete(name);
    if (digestOf(bytes) !== url.searchParams.get("digest")) return end(400);
    registry.blobs.set(digestOf(bytes), bytes);
    return end(201, { location: path });
  }
  if (path.includes("/manifests/") && method === "PUT") {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    registry.manifests.set(name, bytes).set(digestOf(bytes), bytes);
    return end(201, { "docker-content-digest": digestOf(bytes) });
  }
  const found = path.includes("/manifests/") ? registry.manifests : registry.blobs;
  end(found.has(name) ? 200 : 404);
}

function sizeOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
