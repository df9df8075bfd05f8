import assert from "node:assert/strict";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { crish } from "../support/crish.ts";
import { crishAsNobody } from "../support/crish-for-nobody.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

describe("the configuration of a client", () => {
  const cleanup = cleanupAfter();
  let directory: string;
  let file: string;

  before(async () => {
    directory = await temporaryDirectory(cleanup, "client");
    file = join(directory, "crictl.yaml");
    await mkdir(join(directory, "crish"));
    const contexts = "contexts: {edge: {runtime-endpoint: 'unix:///edge'}}\n";
    await writeFile(join(directory, "crish", "config.yaml"), `current-context: edge\n${contexts}`);
    await chmod(directory, 0o755);
  });

  it("is written for its owner alone, and changed with its mode kept", async () => {
    const set = ["-c", file, "config", "--set", "timeout=7"];
    assert.deepEqual(await crish(set).then(({ status, stdout }) => [status, stdout]), [0, ""]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await chmod(file, 0o644);
    assert.equal((await crish([...set, "--set", "debug=true"])).status, 0);
    assert.equal((await stat(file)).mode & 0o777, 0o644);
    assert.equal(await readFile(file, "utf8"), "timeout: 7\ndebug: true\n");
  });

  it("is read by who may read it and not write it", async () => {
    const options = { env: { XDG_CONFIG_HOME: directory } };
    const args = ["-c", file, "config", "--effective", "-o", "json"];
    const { status, stdout, stderr } = await crishAsNobody(cleanup, args, options);
    assert.equal(status, 0, stderr);
    const settings: { key: string; value: unknown; source: string }[] = JSON.parse(stdout);
    const shown = settings.filter(({ key }) => ["runtime-endpoint", "timeout"].includes(key));
    assert.deepEqual(
      shown.map(({ value, source }) => [value, source]),
      [
        ["unix:///edge", "context"],
        ["7s", "file"],
      ],
    );
    const change = ["-c", file, "config", "--set", "debug=false"];
    const refused = await crishAsNobody(cleanup, change, options);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /cannot write ".*": permission denied\nhint: run as/);
    await chmod(file, 0o600);
    const unreadable = await crishAsNobody(cleanup, args, options);
    assert.equal(unreadable.status, 2);
    assert.match(unreadable.stderr, /cannot read configuration ".*": permission denied/);
  });

  it("says what to set where the home is another user's", async () => {
    const home = join(directory, "home of another");
    await mkdir(home, { mode: 0o700 });
    const options = { env: { HOME: home, XDG_CONFIG_HOME: "" } };
    const { status, stderr } = await crishAsNobody(cleanup, ["ps"], options);
    assert.equal(status, 2);
    assert.match(stderr, /^crish: cannot read configuration ".*": permission denied\n/);
    assert.match(stderr, /\nhint: set HOME to .* home, or XDG_CONFIG_HOME\n$/);
  });
});
