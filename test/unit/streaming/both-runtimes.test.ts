import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";
import { exerciseStreams } from "./exercise-streams.ts";

const EVERYTHING = [
  ...["spdy", "websocket"].flatMap((transport) => [
    `${transport} out`,
    `${transport} in`,
    `${transport} attach both ways`,
    `${transport} status 3`,
    `${transport} ends with stdin open`,
  ]),
  "port-forward both ways",
];

it("streams 100 MB whole through every channel on Node", { timeout: 60_000 }, async () => {
  assert.deepEqual(await exerciseStreams(100 * 1024 * 1024), EVERYTHING);
});

it("streams 100 MB whole through every channel on Bun", { timeout: 60_000 }, async () => {
  const name = process.arch === "arm64" ? "bun-linux-aarch64" : "bun-linux-x64";
  const manifest = createRequire(import.meta.url).resolve(`@oven/${name}/package.json`);
  const script = join(import.meta.dirname, "bun-main.ts");
  const bun = join(dirname(manifest), "bin/bun");
  const { stdout } = await promisify(execFile)(bun, [script], { timeout: 50_000 });
  assert.deepEqual(JSON.parse(stdout), EVERYTHING);
});
