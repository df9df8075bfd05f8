import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { run } from "./run.ts";

/** A registry of npm that has those archives alone. Returns its address. */
export async function startNpmRegistry(
  cleanup: Cleanup,
  archives: readonly string[],
): Promise<string> {
  const packages = new Map<string, { manifest: Record<string, unknown>; archive: string }>();
  for (const archive of archives) {
    const { stdout } = await run("tar", ["-xzOf", archive, "package/package.json"]);
    const manifest = JSON.parse(stdout) as Record<string, unknown>;
    packages.set(String(manifest.name), { manifest, archive });
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const file = archives.find((archive) => path === `-/${basename(archive)}`);
    if (file !== undefined) {
      response.end(readFileSync(file));
      return;
    }
    const found = packages.get(path);
    if (found === undefined) {
      response.writeHead(404).end("{}");
      return;
    }
    const { manifest, archive } = found;
    const version = String(manifest.version);
    const integrity = createHash("sha512").update(readFileSync(archive)).digest("base64");
    const dist = {
      tarball: `http://${request.headers.host}/-/${basename(archive)}`,
      integrity: `sha512-${integrity}`,
    };
    const versions = { [version]: { ...manifest, dist } };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name: manifest.name, "dist-tags": { latest: version }, versions }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.add("stop the npm registry", async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
