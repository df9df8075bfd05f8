import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  CLIENT_EXAMPLE,
  CLIENT_KEYS,
  RUNTIME_EXAMPLE,
  RUNTIME_KEYS,
  SHELL_EXAMPLE,
  SHELL_KEYS,
} from "../../scripts/man/config-page.ts";
import { manualPages } from "../../scripts/manual-pages.ts";
import { parseOwnSettings } from "../../src/config/parse-own-settings.ts";
import { parseSettingsFile } from "../../src/config/parse-settings-file.ts";
import { StatusError } from "../../src/errors/status-error.ts";
import { parseRuntimeConfig } from "../../src/runtime/load-runtime-config.ts";
import { projectRoot } from "./import-graph.ts";

const FILES = [
  {
    name: "the client's file",
    keys: CLIENT_KEYS,
    example: CLIENT_EXAMPLE,
    parse: parseSettingsFile,
  },
  {
    name: "the shell's file",
    keys: SHELL_KEYS,
    example: SHELL_EXAMPLE,
    parse: parseOwnSettings,
  },
  {
    name: "the runtime's file",
    keys: RUNTIME_KEYS,
    example: RUNTIME_EXAMPLE,
    parse: parseRuntimeConfig,
  },
];

describe("the manual", () => {
  it("has the pages that the specifications make, and no other", async () => {
    const expected = await manualPages();
    const directory = join(projectRoot, "man");
    const remedy = "node scripts/manual-pages.ts writes them";
    assert.deepEqual(readdirSync(directory).sort(), [...expected.keys()].sort(), remedy);
    for (const [name, text] of expected) {
      assert.equal(readFileSync(join(directory, name), "utf8"), text, `${name}: ${remedy}`);
    }
  });

  for (const { name, keys, example, parse } of FILES) {
    it(`documents every key of ${name}, and an example that is right`, async () => {
      await parse(example.join("\n"), name);
      const refused = await parse("qqqqqqqqqqqqqqqq: 1", name).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(refused instanceof StatusError);
      const known = /^known (?:are|fields:) (.*)$/.exec(refused.hint ?? "")?.[1]?.split(", ");
      assert.deepEqual(known, Object.keys(keys));
    });
  }
});
