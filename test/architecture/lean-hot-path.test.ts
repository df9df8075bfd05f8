import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSources } from "./import-graph.ts";

const sources = new Map(readSources().map((file) => [file.path, file]));

/** Every module that loading the file loads with it, ours and others. */
function loadedWith(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { specifier, target, typeOnly, dynamic } of sources.get(path)?.imports ?? []) {
    if (typeOnly || dynamic) continue;
    if (target === undefined) seen.add(specifier);
    else loadedWith(target, seen);
  }
  return seen;
}

describe("the lean transport", () => {
  it("loads no module that is not our own: each costs milliseconds at start", () => {
    const loaded = [...loadedWith("src/cri/lean-transport.ts")];
    assert.ok(loaded.includes("src/cri/http2/client-connection.ts"));
    assert.deepEqual(
      loaded.filter((path) => !path.startsWith("src/")),
      [],
    );
  });

  it("is what the remote backend loads, grpc-js only where it is wanted", () => {
    const loaded = loadedWith("src/cri/remote-backend.ts");
    assert.ok(loaded.has("src/cri/lean-transport.ts"));
    assert.ok(!loaded.has("src/cri/grpc-js-transport.ts"));
  });
});
