import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { memorySession } from "../../support/memory-session.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("config", () => {
  const cleanup = cleanupAfter();
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await temporaryDirectory(cleanup, "client-config");
    file = join(directory, "crictl.yaml");
  });

  async function crish(args: readonly string[], env: Record<string, string> = {}) {
    const { session, out, err } = memorySession(
      async () => {
        throw new Error("the backend was opened");
      },
      { env: { XDG_CONFIG_HOME: directory, CRI_CONFIG_FILE: file, ...env }, cwd: directory },
    );
    return { status: await runCommand(args, session), out: out(), err: err() };
  }

  it("changes the keys that are named and nothing else, and prints nothing", async () => {
    await writeFile(file, "# mine\ntimeout: 1\n\ndebug: true\n");
    const set = ["--set", "timeout=5,debug=f", "--set", "runtime-endpoint=unix:///a,b.sock"];
    assert.deepEqual(await crish(["config", ...set]), { status: 0, out: "", err: "" });
    const text = await readFile(file, "utf8");
    assert.equal(
      text,
      '# mine\ntimeout: 5\n\ndebug: false\nruntime-endpoint: "unix:///a,b.sock"\n',
    );
    assert.equal((await crish(["config", "timeout", "9"])).status, 0);
    assert.equal((await crish(["config", "--get", "timeout"])).out, "9\n");
  });

  it("makes the file for its owner alone, only where something is set", async () => {
    const deep = join(directory, "a", "b", "crictl.yaml");
    const missing = await crish(["--config", deep, "config", "--list"]);
    assert.equal(missing.status, 2);
    assert.match(missing.err, /cannot read configuration ".*crictl\.yaml": no such file/);
    assert.deepEqual(await readdir(directory), []);
    assert.equal((await crish(["--config", deep, "config", "--set", "debug=1"])).status, 0);
    assert.equal((await stat(deep)).mode & 0o777, 0o600);
    assert.equal((await stat(join(directory, "a"))).mode & 0o777, 0o755);
    assert.equal(await readFile(deep, "utf8"), "debug: true\n");
  });

  it("keeps mode, owner and a symbolic link, and leaves nothing beside it", async () => {
    await mkdir(join(directory, "real"));
    const real = join(directory, "real", "crictl.yaml");
    await writeFile(real, "debug: true\n");
    await chmod(real, 0o640);
    await symlink("real/crictl.yaml", file);
    assert.equal((await crish(["config", "--set", "debug=false"])).status, 0);
    assert.ok((await lstat(file)).isSymbolicLink());
    assert.equal((await stat(real)).mode & 0o777, 0o640);
    assert.deepEqual(await readdir(join(directory, "real")), ["crictl.yaml"]);
    assert.equal(await readFile(real, "utf8"), "debug: false\n");
  });

  it("lists every key, without escape codes, as a table, JSON or YAML", async () => {
    await writeFile(file, "timeout: 5\n");
    const { out } = await crish(["config", "--list"]);
    assert.match(out, /^KEY +VALUE\nruntime-endpoint\nimage-endpoint\ntimeout +5\n/);
    assert.ok(!out.includes("\u001b"));
    const json = JSON.parse((await crish(["config", "--list", "-o", "json"])).out);
    assert.deepEqual(json, {
      "runtime-endpoint": "",
      "image-endpoint": "",
      timeout: 5,
      debug: false,
      "pull-image-on-create": false,
      "disable-pull-on-run": false,
      "max-retries": 3,
    });
    assert.match((await crish(["config", "--list", "-o", "yaml"])).out, /^timeout: 5$/m);
  });

  it("lists in every format, by columns, and sorted", async () => {
    await writeFile(file, "timeout: 5\n");
    const list = async (...words: string[]) => (await crish(["config", "--list", ...words])).out;
    assert.equal((await list("--sort-by", "key", "-o", "name")).split("\n")[0], "debug");
    assert.match(await list("--columns", "value,key", "--no-headers"), /^5 +timeout$/m);
    assert.match(await list("-o", "jsonl"), /^\{"key":"timeout","value":5\}$/m);
    assert.equal(await list("-o", "jsonpath={.timeout}"), "5\n");
    assert.equal(await list("-o", "go-template={{.timeout}}"), "5\n");
    const effective = async (...words: string[]) =>
      (await crish(["config", "--effective", ...words])).out;
    const path = "{[?(@.key=='timeout')].from}";
    assert.equal(await effective("-o", `jsonpath=${path}`), `${file}\n`);
    assert.match(
      await effective("--columns", "key,source", "--sort-by", "source"),
      /^KEY +SOURCE\n/,
    );
    const both = await crish(["config", "--get", "timeout", "--columns", "key"]);
    assert.equal(both.status, 2);
  });

  it("tells what holds and where each of it came from", async () => {
    await writeFile(file, "timeout: 5\nimage-endpoint: unix:///images\n");
    const env = { CONTAINER_RUNTIME_ENDPOINT: "unix:///env" };
    const { out } = await crish(["--color", "never", "config", "--effective"], env);
    assert.match(out, /^runtime-endpoint +unix:\/\/\/env +\$CONTAINER_RUNTIME_ENDPOINT$/m);
    assert.match(out, /^image-endpoint +\(the runtime's\) +default$/m);
    assert.match(out, /^timeout +5s +\/.*crictl\.yaml$/m);
    assert.match(out, /^color +never +--color$/m);
    assert.match(out, /^config +\/.*crictl\.yaml +\$CRI_CONFIG_FILE$/m);
    const json = JSON.parse((await crish(["config", "--effective", "-o", "json"], env)).out);
    assert.deepEqual(json[0], {
      key: "runtime-endpoint",
      value: "unix:///env",
      source: "environment",
      from: "CONTAINER_RUNTIME_ENDPOINT",
    });
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /config needs --get, --set, --list or --effective\nhint: /],
    [["--get", "timeot"], /unknown key "timeot"\nhint: did you mean timeout\?/],
    [["--set", "timeot=1"], /unknown key "timeot"/],
    [["--set", "timeout"], /--set "timeout" is not of the form KEY=VALUE/],
    [["--set", "timeout=2s"], /"timeout" wants a whole number of seconds, not "2s"\nhint: /],
    [["--set", "debug=true,timeout=x"], /"timeout" wants/],
    [["--set", "debug=maybe"], /"debug" wants true or false, not "maybe"/],
    [["--set", "runtime-endpoint=nonsense"], /nonsense/],
    [["timeout"], /config needs a value for "timeout"\nhint: crish config --get timeout/],
    [["timeout", "1", "2"], /unexpected argument "2"/],
    [["timeout", "1", "--list"], /unexpected argument "timeout"/],
    [["--get", "timeout", "--list"], /excludes/],
    [["--get", "timeout", "-o", "json"], /excludes/],
  ];
  for (const [args, says] of refused) {
    it(`refuses and changes nothing: crish config ${args.join(" ")}`, async () => {
      await writeFile(file, "debug: false\n");
      const { status, out, err } = await crish(["config", ...args]);
      assert.deepEqual([status, out], [2, ""]);
      assert.match(err, says);
      assert.equal(await readFile(file, "utf8"), "debug: false\n");
    });
  }

  it("says where a file is wrong, and does not touch it", async () => {
    await writeFile(file, "debug: false\nnonsense: 1\n");
    for (const args of [["--list"], ["--set", "debug=true"], ["--effective"]]) {
      const { status, err } = await crish(["config", ...args]);
      assert.equal(status, 2);
      assert.match(err, /crictl\.yaml:2:1: unknown key "nonsense"/);
    }
    assert.equal(await readFile(file, "utf8"), "debug: false\nnonsense: 1\n");
  });

  it("says why it cannot be written", async () => {
    await writeFile(join(directory, "plain"), "");
    const inFile = join(directory, "plain", "crictl.yaml");
    const { status, err } = await crish(["-c", inFile, "config", "--set", "debug=true"]);
    assert.equal(status, 2);
    assert.match(err, /cannot read configuration ".*": part of the path is not a directory/);
  });
});
