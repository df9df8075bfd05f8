import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { parseDuration } from "../../../src/config/parse-duration.ts";
import { hasCode } from "../../../src/errors/status-error.ts";

let directory = "";
let files = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "crish-settings-"));
});
after(() => rm(directory, { recursive: true, force: true }));

async function write(text: string): Promise<string> {
  files++;
  const path = join(directory, `crictl-${files}.yaml`);
  await writeFile(path, text);
  return path;
}

describe("settings", () => {
  it("come from flags, then the environment, then the file", async () => {
    const config = await write(
      "runtime-endpoint: unix:///file\nimage-endpoint: unix:///file-images\ntimeout: 7\n",
    );
    const fromFile = await loadSettings({ flags: { config }, env: {} });
    assert.equal(fromFile.runtimeEndpoint, "unix:///file");
    assert.equal(fromFile.imageEndpoint, "unix:///file-images");
    assert.equal(fromFile.timeoutMs, 7000);
    assert.equal(fromFile.configFile, config);
    const env = { CONTAINER_RUNTIME_ENDPOINT: "unix:///env", CRI_CONFIG_FILE: config };
    assert.equal((await loadSettings({ flags: {}, env })).runtimeEndpoint, "unix:///env");
    const flags = { "runtime-endpoint": "unix:///flag", timeout: 250 };
    const fromFlags = await loadSettings({ flags, env });
    assert.equal(fromFlags.runtimeEndpoint, "unix:///flag");
    assert.equal(fromFlags.timeoutMs, 250);
  });

  it("let a runtime endpoint from above also replace the file's image endpoint", async () => {
    const config = await write("image-endpoint: unix:///file-images\n");
    const flags = { config, "runtime-endpoint": "unix:///flag" };
    assert.equal((await loadSettings({ flags, env: {} })).imageEndpoint, undefined);
    const env = { IMAGE_SERVICE_ENDPOINT: "unix:///env-images" };
    assert.equal((await loadSettings({ flags, env })).imageEndpoint, "unix:///env-images");
  });

  it("have defaults where nothing says otherwise, also beside a file without those keys", async () => {
    const config = await write("debug: true\npull-image-on-create: true\n");
    const settings = await loadSettings({ flags: { config }, env: {} });
    assert.equal(settings.maxRetries, 3);
    assert.equal(settings.timeoutMs, undefined);
    assert.equal(settings.debug, true);
    assert.equal(settings.pullImageOnCreate, true);
    assert.equal(settings.color, "auto");
    assert.equal((await loadSettings({ flags: { config, debug: false }, env: {} })).debug, false);
  });

  it("do without the default file, and take an empty one or one of comments", async () => {
    const sources = { flags: {}, env: {}, defaultFile: join(directory, "absent.yaml") };
    assert.equal((await loadSettings(sources)).configFile, undefined);
    for (const text of ["", "# nothing\n", "---\n"]) {
      const config = await write(text);
      assert.equal((await loadSettings({ flags: { config }, env: {} })).configFile, config);
    }
  });

  it("are the same from a plain file as from the YAML library, which `---` calls for", async () => {
    const plain = [
      "runtime-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 2\ndebug: false\n",
      'runtime-endpoint: "unix:///run/x.sock"\n# more\n\ntimeout: "10"',
      "runtime-endpoint: tcp://127.0.0.1:1234\nimage-endpoint: npipe:////./pipe/x\n",
      "timeout: 0\ndebug: true\npull-image-on-create: false\ndisable-pull-on-run: true\n",
      "timeout: 1\ntimeout: 2\n",
      "max-retries: 5\ntimeout:   7\n",
      'runtime-endpoint: ""\ntimeout:\n',
      "timeout: 2 # seconds\nruntime-endpoint: 'unix:///quoted'\r\n",
    ];
    for (const text of plain) {
      const [quick, slow] = await Promise.all([write(text), write(`---\n${text}`)]);
      const { configFile: _, ...expected } = await loadSettings({
        flags: { config: slow },
        env: {},
      });
      const { configFile, ...settings } = await loadSettings({ flags: { config: quick }, env: {} });
      assert.equal(configFile, quick);
      assert.deepEqual(settings, expected, text);
    }
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ["runtime-endpiont: x\n", /:1:1: unknown key "runtime-endpiont"/],
    ["debug: true\n  timeout: 3\n", /:1:8: Nested mappings/],
    ["timeout: soon\n", /:1:1: "timeout" wants a whole number of seconds/],
    ["debug: maybe\n", /:1:1: "debug" wants true or false/],
    ["\nruntime-endpoint: [a]\n", /:2:1: "runtime-endpoint" wants a string/],
    ["- a\n", /:1:1: .*not a mapping/],
    ['a: "open\n', /:\d+:\d+: /],
    ["timeout: 010s\n", /:1:1: "timeout" wants/],
    ["runtime-endpoint: unix://x:\n", /:1:\d+: /],
    ["timeout: true\n", /:1:1: "timeout" wants/],
  ];
  for (const [text, says] of refused) {
    it(`refuse a file with its place: ${JSON.stringify(text)}`, async () => {
      const config = await write(text);
      await assert.rejects(loadSettings({ flags: { config }, env: {} }), (error: unknown) => {
        assert.ok(hasCode(error, "InvalidArgument"));
        assert.ok(error.message.startsWith(config));
        assert.match(error.message, says);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    });
  }

  it("say how to write a value that ends in a colon", async () => {
    const config = await write("runtime-endpoint: embedded:\n");
    await assert.rejects(loadSettings({ flags: { config }, env: {} }), {
      hint: 'a value that ends in a colon wants quotes: "embedded:"',
    });
    const quoted = await write('runtime-endpoint: "embedded:"\n');
    const { runtimeEndpoint } = await loadSettings({ flags: { config: quoted }, env: {} });
    assert.equal(runtimeEndpoint, "embedded:");
  });

  it("refuse a named file that is absent or no file", async () => {
    for (const config of [join(directory, "absent"), directory]) {
      await assert.rejects(loadSettings({ flags: { config }, env: {} }), (error: unknown) =>
        hasCode(error, "InvalidArgument"),
      );
    }
  });
});

describe("a context", () => {
  const FILE_WITH_CONTEXTS = [
    "current-context: edge",
    "contexts:",
    "  edge: {runtime-endpoint: 'unix:///edge', image-endpoint: 'unix:///edge-images', timeout: 9}",
    "  lab:",
    "    runtime-endpoint: unix:///lab",
    "    timeout: 1m",
  ].join("\n");
  let env: Record<string, string> = {};

  before(async () => {
    const home = await mkdtemp(join(directory, "home-"));
    await mkdir(join(home, "crish"));
    await writeFile(join(home, "crish", "config.yaml"), FILE_WITH_CONTEXTS);
    const config = await write("runtime-endpoint: unix:///file\nimage-endpoint: unix:///images\n");
    env = { XDG_CONFIG_HOME: home, CRI_CONFIG_FILE: config };
  });

  it("goes before the file: that in use, that of the environment, that of the flag", async () => {
    const used = await loadSettings({ flags: {}, env });
    assert.equal(used.context, "edge");
    assert.equal(used.runtimeEndpoint, "unix:///edge");
    assert.equal(used.imageEndpoint, "unix:///edge-images");
    assert.equal(used.timeoutMs, 9000);
    const named = await loadSettings({ flags: {}, env: { ...env, CRISH_CONTEXT: "lab" } });
    assert.equal(named.runtimeEndpoint, "unix:///lab");
    assert.equal(named.imageEndpoint, undefined, "the file's belongs to the file's runtime");
    assert.equal(named.timeoutMs, 60_000);
    const flags = { context: "edge" };
    const flagged = await loadSettings({ flags, env: { ...env, CRISH_CONTEXT: "lab" } });
    assert.equal(flagged.context, "edge");
  });

  it("yields to an endpoint of the environment, unless the flag names it", async () => {
    const variables = { ...env, CONTAINER_RUNTIME_ENDPOINT: "unix:///env", CRISH_CONTEXT: "lab" };
    const yielding = await loadSettings({ flags: {}, env: variables });
    assert.equal(yielding.runtimeEndpoint, "unix:///env");
    assert.equal(yielding.context, undefined);
    assert.equal(yielding.timeoutMs, undefined);
    const flagged = await loadSettings({ flags: { context: "edge" }, env: variables });
    assert.equal(flagged.runtimeEndpoint, "unix:///edge");
  });

  it("yields to an endpoint flag, and to the flag of each of its values", async () => {
    const flags = { "runtime-endpoint": "unix:///flag" };
    const away = await loadSettings({ flags, env });
    assert.deepEqual(
      [away.runtimeEndpoint, away.imageEndpoint, away.timeoutMs, away.context],
      ["unix:///flag", undefined, undefined, undefined],
    );
    const some = await loadSettings({ flags: { timeout: 50, "image-endpoint": "unix:///i" }, env });
    assert.deepEqual(
      [some.runtimeEndpoint, some.imageEndpoint, some.timeoutMs],
      ["unix:///edge", "unix:///i", 50],
    );
  });

  it("is refused where none of that name is defined, or where its flag is empty", async () => {
    await assert.rejects(
      loadSettings({ flags: { context: "edgy" }, env }),
      (error: Error & { hint?: string }) =>
        error.message === 'there is no context "edgy"' && error.hint === "did you mean edge?",
    );
    await assert.rejects(loadSettings({ flags: { context: "" }, env }), /--context is empty/);
    await assert.rejects(loadSettings({ flags: {}, env: { ...env, CRISH_CONTEXT: "x" } }), /"x"/);
  });
});

describe("a duration", () => {
  it("is Go's, or a bare number of seconds", () => {
    const cases = { "1m30s": 90_000, "250ms": 250, "2h": 7_200_000, "1.5s": 1500, "3": 3000 };
    for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text, "x"), ms);
    assert.equal(parseDuration("-1s", "x"), -1000);
    assert.equal(parseDuration("0", "x"), 0);
  });

  it("is refused where it is anything else", () => {
    for (const text of ["", "s", "5x", "1m 30s", "1e3s", "ten"]) {
      assert.throws(() => parseDuration(text, "--timeout"), /--timeout: ".*" is not a duration/);
    }
  });
});
