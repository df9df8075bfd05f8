import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { CRISH_VERSION } from "../../../src/cli/version.ts";
import { memorySession } from "../../support/memory-session.ts";
import { fakeBackend } from "../../support/scripted-backend.ts";

const RUNTIME = {
  version: "0.1.0",
  runtimeName: "containerd",
  runtimeVersion: "1.6.20",
  runtimeApiVersion: "v1",
};

async function version(flags: readonly string[]): Promise<string> {
  const calls: string[] = [];
  const backend = fakeBackend({
    version: () => {
      calls.push("version");
      return Promise.resolve(RUNTIME);
    },
  });
  const { session, out, err } = memorySession(backend);
  assert.equal(await runCommand(["version", ...flags], session), 0, err());
  if (flags.includes("--client")) assert.deepEqual(calls, [], "the runtime was asked");
  return out();
}

describe("version", () => {
  it("tells what crish is without asking a runtime", async () => {
    assert.equal(await version(["--client"]), `crish version ${CRISH_VERSION}\n`);
    assert.deepEqual(JSON.parse(await version(["--client", "-o", "json"])), {
      version: CRISH_VERSION,
      commit: "unknown",
      runtime: `Node ${process.versions.node}`,
      target: `linux-${process.arch}`,
    });
    assert.match(await version(["--client", "-o", "yaml"]), /^commit: unknown$/m);
  });

  it("tells what the runtime says of itself, as crictl does or as JSON", async () => {
    assert.match(await version([]), /^Version: {2}0\.1\.0\nRuntimeName: {2}containerd\n/);
    assert.deepEqual(JSON.parse(await version(["-o", "json"])), RUNTIME);
  });
});
