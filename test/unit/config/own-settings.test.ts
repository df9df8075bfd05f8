import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { loadOwnSettings } from "../../../src/config/load-own-settings.ts";
import { ownSettingsFile } from "../../../src/config/own-settings-files.ts";
import { parseOwnSettings } from "../../../src/config/parse-own-settings.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ["alias:\n  a: ps\n", /^f:1:1: unknown key "alias"; did you mean aliases\?$/],
  ["colour: x\n", /^f:1:1: unknown key "colour"; known are aliases, current-context, contexts$/],
  ["- a\n", /^f:1:1: the configuration is not a mapping/],
  ["aliases: ps\n", /^f:1:1: "aliases" wants names/],
  ["aliases:\n  a: 5\n", /^f:2:3: the alias "a" wants a command line/],
  ["aliases:\n  a: ''\n", /^f:2:3: the alias "a" wants a command line/],
  ["aliases:\n  a b: ps\n", /^f:2:3: "a b" is no name for an alias/],
  ["aliases:\n  a: ps\n  a: pods\n", /^f:3:3: Map keys must be unique/],
  ["aliases: {a: ps\n", /^f:\d:\d: /],
  ["constructor: x\n", /^f:1:1: unknown key "constructor"/],
  ["current-context: [a]\n", /^f:1:1: "current-context" wants the name of a context/],
  ["current-context: a b\n", /^f:1:1: "current-context" wants the name of a context/],
  ["contexts: edge\n", /^f:1:1: "contexts" wants names with endpoints each/],
  ["contexts:\n  a/b: {}\n", /^f:2:3: "a\/b" is no name for a context/],
  ["contexts:\n  embedded: {}\n", /^f:2:3: "embedded" is no name for a context/],
  ["contexts:\n  a: unix:///x\n", /^f:2:3: the context "a" wants a runtime-endpoint/],
  ["contexts:\n  a: {timeout: 1s}\n", /^f:2:3: the context "a" wants a runtime-endpoint/],
  ["contexts:\n  a: {runtime-endpoint: 5}\n", /^f:2:3: "runtime-endpoint" .* wants a string/],
  ["contexts:\n  a: {runtime-endpiont: x}\n", /^f:2:3: unknown key.*did you mean runtime-endpoint/],
  [
    "contexts:\n  a:\n    runtime-endpoint: embedded:\n",
    /^f:3:23: .*; a value that ends in a colon wants quotes: "embedded:"$/,
  ],
  ["contexts:\n  a: {runtime-endpoint: x, timeout: soon}\n", /"timeout" .* wants a duration/],
];

describe("crish's own configuration", () => {
  const cleanup = cleanupAfter();
  let directory: string;
  let env: { XDG_CONFIG_HOME: string };
  let file: string;

  before(async () => {
    directory = await temporaryDirectory(cleanup, "config");
    env = { XDG_CONFIG_HOME: directory };
    file = ownSettingsFile(env);
    await mkdir(join(directory, "crish"));
  });

  it("has aliases, of one line each", async () => {
    const { aliases } = await parseOwnSettings("aliases:\n  a: ps -q\n  b: 'x | y'\n", "f");
    assert.deepEqual(
      [...aliases],
      [
        ["a", "ps -q"],
        ["b", "x | y"],
      ],
    );
    for (const empty of ["", "# nothing\n", "aliases:\n", "{}\n", "---\n"]) {
      assert.equal((await parseOwnSettings(empty, "f")).aliases.size, 0);
    }
  });

  for (const [source, message] of REFUSED) {
    it(`refuses ${JSON.stringify(source)} with its place`, async () => {
      await assert.rejects(parseOwnSettings(source, "f"), (error: Error & { hint?: string }) => {
        assert.match([error.message, error.hint].filter(Boolean).join("; "), message);
        return true;
      });
    });
  }

  it("lies below the configuration's home, and below no relative one", () => {
    assert.equal(ownSettingsFile({ HOME: "/h" }), "/h/.config/crish/config.yaml");
    assert.equal(
      ownSettingsFile({ HOME: "/h", XDG_CONFIG_HOME: "x" }),
      "/h/.config/crish/config.yaml",
    );
    assert.equal(ownSettingsFile({ XDG_CONFIG_HOME: "/x" }), "/x/crish/config.yaml");
  });

  it("puts the user's file over the system's, and a broken one keeps the other", async () => {
    const system = join(directory, "system.yaml");
    await writeFile(system, "aliases: {a: system, b: system}\n");
    assert.deepEqual(
      [...(await loadOwnSettings(env, system)).aliases.values()],
      ["system", "system"],
    );
    await writeFile(file, "aliases: {a: own}\n");
    const both = await loadOwnSettings(env, system);
    assert.deepEqual([both.aliases.get("a"), both.aliases.get("b")], ["own", "system"]);
    await writeFile(file, "aliases: [\n");
    const { aliases, problems } = await loadOwnSettings(env, system);
    assert.deepEqual([aliases.get("a"), problems.length], ["system", 1]);
    assert.match(problems[0]?.message ?? "", /config\.yaml:\d+:\d+: /);
  });

  it("says which file cannot be read", async () => {
    const { problems } = await loadOwnSettings(env, directory);
    assert.match(problems[0]?.message ?? "", /^cannot read configuration ".*": it is a directory$/);
  });
});
