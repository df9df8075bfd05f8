import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { memorySession } from "../../support/memory-session.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("context", () => {
  const cleanup = cleanupAfter();
  let home: string;
  let file: string;

  beforeEach(async () => {
    home = await temporaryDirectory(cleanup, "contexts");
    file = join(home, "crish", "config.yaml");
  });

  async function crish(line: string, env: Record<string, string> = {}) {
    const { session, out, err } = memorySession(
      async () => {
        throw new Error("the backend was opened");
      },
      { env: { XDG_CONFIG_HOME: home, CRI_CONFIG_FILE: "/dev/null", ...env } },
    );
    return { status: await runCommand(line.split(" "), session), out: out(), err: err() };
  }

  async function endpointNow(env: Record<string, string> = {}, flags = ""): Promise<string> {
    const { out } = await crish(`${flags}config --effective -o json`.trim(), env);
    return JSON.parse(out)[0].value;
  }

  it("is made, chosen, changed, left and forgotten", async () => {
    const edge = "context set edge --runtime-endpoint unix:///edge --timeout 90s";
    assert.deepEqual(await crish(edge), { status: 0, out: "edge\n", err: "" });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await crish("context set lab -r embedded: --use");
    assert.equal(await endpointNow(), "embedded:");
    assert.equal((await crish("context use edge")).out, "edge\n");
    assert.equal(await endpointNow(), "unix:///edge");
    assert.equal(await endpointNow({}, "--context lab "), "embedded:");
    assert.equal(await endpointNow({ CRISH_CONTEXT: "lab" }), "embedded:");
    await crish("context set edge -i unix:///images --timeout=");
    assert.match((await crish("context show")).out, /^image-endpoint: unix:\/\/\/images$/m);
    assert.doesNotMatch((await crish("context show")).out, /timeout/);
    assert.equal((await crish("context use --none")).status, 0);
    assert.equal((await crish("context show")).status, 4);
    assert.deepEqual(await crish("context rm edge lab"), {
      status: 0,
      out: "edge\nlab\n",
      err: "",
    });
    assert.equal(await readFile(file, "utf8"), "{}\n");
  });

  it("leaves the aliases of the file, and its comments", async () => {
    await mkdir(join(home, "crish"));
    const before = '# mine\n\naliases:\n  # short\n  a: "ps -q"\ncontexts:\n';
    await writeFile(file, before);
    await crish("context set edge -r unix:///edge");
    const text = await readFile(file, "utf8");
    assert.equal(text, `${before}  edge:\n    runtime-endpoint: unix:///edge\n`);
  });

  it("is listed by name, with a mark at the one in use", async () => {
    await crish("context set lab -r embedded:");
    await crish("context set edge -r unix:///edge -t 90 --use");
    const { out } = await crish("context");
    assert.match(
      out,
      /^CURRENT +NAME +ENDPOINT.*\n\* +edge +unix:\/\/\/edge +90s\n +lab +embedded:\n$/,
    );
    assert.equal((await crish("context list")).out, out);
    assert.equal((await crish("context ls -q")).out, "edge\nlab\n");
    const [first] = JSON.parse((await crish("context -o json")).out);
    assert.deepEqual(first, {
      name: "edge",
      current: true,
      "runtime-endpoint": "unix:///edge",
      timeout: "90s",
      file,
    });
  });

  it("is listed in every format, by columns, and sorted", async () => {
    await crish("context set lab -r embedded:");
    await crish("context set edge -r unix:///edge -t 90 --use");
    const out = async (line: string) => (await crish(`context list ${line}`)).out;
    assert.equal(await out("-o name"), "edge\nlab\n");
    assert.match(await out("--columns name,timeout --no-headers"), /^edge +90s\nlab\n$/);
    assert.equal(await out("--sort-by -name -q"), "lab\nedge\n");
    assert.equal(await out("--sort-by {.runtime-endpoint} -o name"), "lab\nedge\n");
    assert.match(await out("-o wide"), new RegExp(` +${file}$`, "m"));
    const lines = (await out("-o jsonl")).trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).name),
      ["edge", "lab"],
    );
    assert.equal(await out("-o jsonpath={[*].name}"), "edge lab\n");
    assert.equal(await out("-o go-template={{range.}}{{.name}}:{{end}}"), "edge:lab:\n");
    const custom = await out("-o custom-columns=N:.name,F:.nope --no-headers");
    assert.match(custom, /^edge +<none>\nlab +<none>\n$/);
    assert.match(await out("-o yaml"), /^- current: true$/m);
    const wrong = await crish("context list --columns nmae");
    assert.deepEqual([wrong.status, wrong.out], [2, ""]);
    assert.match(wrong.err, /did you mean name\?/);
    assert.equal((await crish("context show -o jsonpath={.name}")).out, "edge\n");
  });

  it("is an empty list where there is none", async () => {
    assert.equal((await crish("context list -o json")).out, "[]\n");
    assert.equal((await crish("context list -o jsonl")).out, "");
    assert.equal((await crish("context list -q")).out, "");
  });

  it("says which variable goes before the one in use", async () => {
    await crish("context set edge -r unix:///edge");
    const env = { CONTAINER_RUNTIME_ENDPOINT: "unix:///x" };
    const { status, err } = await crish("context use edge", env);
    assert.deepEqual([status, err], [0, "CONTAINER_RUNTIME_ENDPOINT is set and goes before it\n"]);
    assert.equal(await endpointNow(env), "unix:///x");
  });

  it("can be mended where the one in use is not there any more", async () => {
    await mkdir(join(home, "crish"));
    await writeFile(file, "current-context: gone\ncontexts: {lab: {runtime-endpoint: /lab}}\n");
    const { status, err } = await crish("ps");
    assert.equal(status, 2);
    assert.match(err, /there is no context "gone"\nhint: known are lab/);
    assert.equal((await crish("context use lab")).status, 0);
    assert.equal(await endpointNow(), "/lab");
  });

  it("tells that it was in use when it goes", async () => {
    await crish("context set edge -r unix:///edge --use");
    const { status, err } = await crish("context rm edge");
    assert.deepEqual([status, err], [0, '"edge" was in use: now no context is\n']);
    assert.doesNotMatch(await readFile(file, "utf8"), /current/);
  });

  const refused: readonly (readonly [line: string, status: number, says: RegExp])[] = [
    ["context use edgy", 4, /there is no context "edgy"\nhint: did you mean edge\?/],
    ["context use", 2, /context use needs NAME or --none/],
    ["context use edge --none", 2, /--none excludes/],
    ["context show zzz", 4, /there is no context "zzz"/],
    ["context rm edge zzz", 4, /there is no context "zzz"/],
    ["context set lab", 2, /the context "lab" needs --runtime-endpoint/],
    ["context set lab -r nonsense", 2, /malformed endpoint "nonsense"/],
    ["context set lab -r unix:///x -t soon", 2, /--timeout: "soon" is not a duration/],
    ["context set a/b -r unix:///x", 2, /"a\/b" is no name for a context/],
    ["context set embedded -r unix:///x", 2, /"embedded" is no name for a context/],
    ["context sett x", 2, /unknown command "context sett"\nhint: did you mean set\?/],
    ["--context edgy ps", 2, /there is no context "edgy"/],
  ];
  for (const [line, status, says] of refused) {
    it(`refuses with ${status}: ${line}`, async () => {
      await crish("context set edge -r unix:///edge");
      const result = await crish(line);
      assert.equal(result.status, status);
      assert.match(result.err, says);
    });
  }
});
