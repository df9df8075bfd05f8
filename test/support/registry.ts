import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startBackgroundProcess } from "./background-process.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Blob, BuiltImage } from "./image-builder.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

export interface TestRegistry {
  /** `127.0.0.1:PORT`, plain http. */
  readonly host: string;
  readonly directory: string;
  /** Pushes under `repository:tag` and returns the whole reference, host first. */
  push(repository: string, tag: string, image: BuiltImage): Promise<string>;
  /** Pushes a manifest or index alone; the blobs it names must be there. */
  pushManifest(repository: string, tag: string, manifest: Blob): Promise<string>;
  pushBlob(repository: string, blob: Pick<Blob, "digest" | "bytes">): Promise<void>;
}

/** Starts Debian's docker-registry with files in a directory of its own. */
export async function startRegistry(cleanup: Cleanup): Promise<TestRegistry> {
  const directory = await temporaryDirectory(cleanup, "registry");
  const config = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, "data") }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0" },
  };
  const file = join(directory, "config.yml");
  await writeFile(file, JSON.stringify(config));
  const server = startBackgroundProcess(cleanup, "docker-registry", ["serve", file]);
  const host = await waitUntil("docker-registry listens", () => {
    if (server.child.exitCode !== null) throw new Error(`it has ended: ${server.output()}`);
    return /listening on (127\.0\.0\.1:\d+)/.exec(server.output())?.[1];
  });
  return { host, directory, ...pushTo(host) };
}

/** The pushing half alone, for another registry. */
export function pushTo(
  host: string,
  headers: Readonly<Record<string, string>> = {},
): Pick<TestRegistry, "push" | "pushManifest" | "pushBlob"> {
  const base = `http://${host}/v2`;
  const pushBlob: TestRegistry["pushBlob"] = async (repository, blob) => {
    const head = await fetch(`${base}/${repository}/blobs/${blob.digest}`, {
      method: "HEAD",
      headers,
    });
    if (head.ok) return;
    const start = await expectOk(
      fetch(`${base}/${repository}/blobs/uploads/`, { method: "POST", headers }),
    );
    const location = new URL(start.headers.get("location") ?? "", base);
    location.searchParams.set("digest", blob.digest);
    const type = { "content-type": "application/octet-stream" };
    await expectOk(
      fetch(location, {
        method: "PUT",
        headers: { ...headers, ...type },
        body: new Uint8Array(blob.bytes),
      }),
    );
  };
  const pushManifest: TestRegistry["pushManifest"] = async (repository, tag, manifest) => {
    await expectOk(
      fetch(`${base}/${repository}/manifests/${tag}`, {
        method: "PUT",
        headers: { ...headers, "content-type": manifest.mediaType },
        body: new Uint8Array(manifest.bytes),
      }),
    );
    return `${host}/${repository}:${tag}`;
  };
  const push: TestRegistry["push"] = async (repository, tag, image) => {
    for (const blob of [...image.layers, image.config]) await pushBlob(repository, blob);
    return pushManifest(repository, tag, image.manifest);
  };
  return { push, pushManifest, pushBlob };
}

async function expectOk(pending: Promise<Response>): Promise<Response> {
  const answer = await pending;
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${text}`);
  return answer;
}
