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

interface Reply {
  status: number;
  body: string | Uint8Array;
  mediaType: string;
  headers?: Record<string, string>;
  /** The connection ends after half of the body. */
  cut?: boolean;
}

function answer(image: BuiltImage, request: IncomingMessage, response: ServerResponse): void {
  const reply = replyTo(image, request.url ?? "");
  if (reply === undefined) return;
  const { status, body, mediaType, headers, cut } = reply;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...headers,
    "content-type": mediaType,
    "content-length": bytes.length,
  });
  if (cut) response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  else response.end(bytes);
}

/** Undefined for no answer at all. */
function replyTo(image: BuiltImage, path: string): Reply | undefined {
  if (path === "/v2/" || path === "/v2") return { status: 200, body: "{}", mediaType: JSON_TYPE };
  const [, fault, kind, name] = /^\/v2\/([^/]+)\/image\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
  if (fault === "silent") return undefined;
  if (fault === "unauthorized") {
    return {
      ...failure(401, "UNAUTHORIZED"),
      headers: { "www-authenticate": 'Basic realm="test"' },
    };
  }
  if (fault === "forbidden") return failure(403, "DENIED");
  if (fault === "broken") return { status: 500, body: "internal error", mediaType: "text/plain" };
  if (kind === "manifests") return manifestReply(image, fault);
  const blob = [image.config, ...image.layers].find(({ digest }) => digest === name);
  if (blob === undefined) return failure(404, "BLOB_UNKNOWN");
  return blobReply(blob, blob === image.config ? "none" : fault);
}

function manifestReply({ manifest }: BuiltImage, fault: string | undefined): Reply {
  const { mediaType, digest, bytes } = manifest;
  if (fault === "garbage-manifest") return { status: 200, body: "<html>", mediaType };
  return { status: 200, body: bytes, mediaType, headers: { "docker-content-digest": digest } };
}

function blobReply(blob: Blob, fault: string | undefined): Reply {
  const body = Buffer.from(blob.bytes);
  if (fault === "wrong-digest") body[body.length - 1] = (body.at(-1) ?? 0) ^ 0xff;
  return { status: 200, body, mediaType: blob.mediaType, cut: fault === "truncated" };
}

function failure(status: number, code: string): Reply {
  const errors = [{ code, message: code.toLowerCase() }];
  return { status, body: JSON.stringify({ errors }), mediaType: JSON_TYPE };
}

const JSON_TYPE = "application/json";
