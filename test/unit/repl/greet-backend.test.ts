import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createContext } from "../../../src/cli/create-context.ts";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { greetBackend } from "../../../src/repl/context/greet-backend.ts";
import { fakeBackend } from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

describe("greetBackend", () => {
  const cases: readonly (readonly [name: string, version: string, shares: boolean])[] = [
    ["containerd", "1.6.20~ds1", false],
    ["containerd", "v1.7.27", false],
    ["containerd", "v2.0.0", true],
    ["containerd", "v2.2.0-rc.1", true],
    ["containerd", "", false],
    ["cri-o", "1.27.1", false],
    ["cri-o", "1.31.0", true],
    ["crish", "0.1.0", true],
    ["docker", "27.0.1", false],
  ];
  for (const [runtimeName, runtimeVersion, shares] of cases) {
    it(`knows whether ${runtimeName} ${runtimeVersion} has events for every listener`, async () => {
      const version = { version: "", runtimeName, runtimeVersion, runtimeApiVersion: "v1" };
      const { session } = memorySession(fakeBackend({ answers: { version: () => version } }));
      const settings = await loadSettings({
        flags: {},
        env: session.env,
        defaultFile: "/dev/null",
      });
      const facts = await greetBackend(createContext(session, settings));
      assert.equal(facts.sharesEvents, shares);
    });
  }
});
