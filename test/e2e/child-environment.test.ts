import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { waitUntil } from "../support/wait-until.ts";

/** Programs that the embedded runtime starts, recorded on their way. */
const PROGRAMS = ["runc", "conmon", "catatonit", "iptables", "unshare", "nsenter", "mount", "tar"];

describe("environment that changes the runtime under crish", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let records: string;
  let preloaded: string;
  let hostile: Record<string, string>;
  before(async () => {
    target = await embeddedCli(cleanup);
    records = join(target.directory, "records");
    preloaded = join(target.directory, "preloaded");
    const preload = join(target.directory, "preload.js");
    await mkdir(records);
    await writeFile(
      preload,
      `require("node:fs").appendFileSync(${JSON.stringify(preloaded)}, process.argv.slice(2).join(" ") + "\\n");`,
    );
    hostile = {
      PATH: `${await recorders(target.directory, records)}:${process.env.PATH}`,
      BUN_OPTIONS: `--preload=${preload}`,
      BUN_CONFIG_VERBOSE_FETCH: "0",
      BUN_JSC_useJIT: "1",
      NODE_OPTIONS: "--no-warnings",
      NODE_PATH: "/nonexistent",
      KEPT: "yes",
    };
  });

  it("reaches neither runc nor conmon nor any other program, and the rest does", async () => {
    await target.out(["run", "-d", "--name", "env", target.image, "sleep", "1000"], {
      env: hostile,
    });
    await target.out(["exec", "env", "true"], { env: hostile });
    const seen = await readdir(records);
    for (const name of ["runc", "conmon"]) assert.ok(seen.includes(name), `${name} was not seen`);
    for (const name of seen) {
      const text = await readFile(join(records, name), "utf8");
      assert.doesNotMatch(text, /^(BUN_|NODE_OPTIONS|NODE_PATH)/m, name);
    }
    assert.match(await readFile(join(records, "conmon"), "utf8"), /^PATH$/m);
  });

  it("is not obeyed a second time by a helper that is crish itself", async () => {
    await writeFile(preloaded, "");
    const id = await target.runDetached("tick", [
      "sh",
      "-c",
      "while :; do echo tick; sleep 1; done",
    ]);
    const attached = target.spawn(["attach", id], { env: hostile });
    let output = "";
    attached.stdout?.on("data", (chunk: Buffer) => {
      output += chunk;
    });
    await waitUntil("the helper hands output through", async () => /tick/.test(output));
    attached.kill("SIGINT");
    const lines = (await readFile(preloaded, "utf8")).trim().split("\n");
    assert.deepEqual(lines, [`attach ${id}`]);
  });
});

/** A directory of programs that write the names of their variables down and become the real ones. */
async function recorders(directory: string, records: string): Promise<string> {
  const path = join(directory, "bin");
  await mkdir(path);
  for (const name of PROGRAMS) {
    const real = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    const script = `#!/bin/sh\nenv | sed 's/=.*//' >> '${records}/${name}'\nexec ${real} "$@"\n`;
    await writeFile(join(path, name), script, { mode: 0o755 });
  }
  return path;
}
