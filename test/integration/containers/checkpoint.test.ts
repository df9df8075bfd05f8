import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { findExecutable } from "../../../src/host/find-executable.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../../support/cli-target.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

/**
 * CRIU refuses to work on the kernels of some test hosts: in its place stands an OCI runtime that
 * writes images of its own and does all else with runc. `fail` in its directory makes it fail as CRIU does.
 */
const STUB = (runc: string, directory: string) => `#!/bin/sh
for word in "$@"; do
  case "$word" in
    --image-path=*) images=\${word#*=} ;;
    --work-path=*) work=\${word#*=} ;;
  esac
done
[ -n "$images" ] || exec ${runc} "$@"
echo "$@" >> ${directory}/arguments
mkdir -p "$images"
if [ -e ${directory}/fail ]; then
  echo '(00.1) Error (criu/mem.c:1): no pages today' > "$work/dump.log"
  echo 'criu failed: type NOTIFY errno 0' >&2
  exit 1
fi
echo pages > "$images/pages-1.img"
echo done > "$work/dump.log"
echo stats > "$work/stats-dump"
`;

describe("a checkpoint of a container", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let place: string;
  let env: { PATH: string };

  before(async () => {
    place = await temporaryDirectory(cleanup, "checkpoint");
    const runc = findExecutable("runc") ?? "runc";
    const programs = { criu: "#!/bin/sh\nexit 0\n", "runc-stub": STUB(runc, place) };
    await mkdir(join(place, "bin"));
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(join(place, "bin", name), text);
      await chmod(join(place, "bin", name), 0o755);
    }
    env = { PATH: `${join(place, "bin")}:${process.env.PATH ?? ""}` };
    const handlers = { "": { path: join(place, "bin", "runc-stub"), type: "runc" } };
    target = await embeddedCli(cleanup, { config: { handlers } });
    const script = "echo new > /made; rm /etc/passwd; mkdir /d; echo x > '/d/a b'; sleep 1000";
    await target.runDetached("app", ["sh", "-c", script]);
    await waitUntil(
      "it has changed its files",
      async () => (await target.crish(["exec", "app", "test", "-s", "/d/a b"])).status === 0,
    );
  });

  it("is an archive with memory, specification and what has changed on disk; it runs on", async () => {
    const archive = join(place, "app.tar");
    const args = ["checkpoint", "app", "--export", archive];
    assert.equal(await target.out(args, { env }), "app");
    const names = list(archive);
    for (const name of [
      "checkpoint/pages-1.img",
      "config.dump",
      "spec.dump",
      "rootfs-diff.tar",
      "deleted.files",
      "dump.log",
      "stats-dump",
    ]) {
      assert.ok(names.includes(`./${name}`), `${name} in ${names.join(" ")}`);
    }
    const config = JSON.parse(extract(archive, "./config.dump"));
    assert.deepEqual([config.name, config.rootfsImageName], ["app", target.image]);
    assert.ok(JSON.parse(extract(archive, "./spec.dump")).process.args.includes("sh"));
    assert.deepEqual(JSON.parse(extract(archive, "./deleted.files")), ["/etc/passwd"]);
    await writeFile(join(place, "diff.tar"), extract(archive, "./rootfs-diff.tar"), "latin1");
    const changed = list(join(place, "diff.tar"));
    for (const name of ["made", "d/", "d/a b"]) assert.ok(changed.includes(name), name);
    assert.ok(!changed.includes("etc/passwd"));
    assert.equal((await stat(archive)).mode & 0o777, 0o600);
    assert.match(await readFile(join(place, "arguments"), "utf8"), /--leave-running/);
    assert.match(await target.out(["ps"]), /Running/);
  });

  it("writes over an older archive at once, and leaves that where it fails", async () => {
    const archive = join(place, "again.tar");
    await target.out(["checkpoint", "app", "-e", archive], { env });
    const before = await readFile(archive);
    await writeFile(join(place, "fail"), "");
    const { status, stderr } = await target.crish(["checkpoint", "app", "-e", archive], { env });
    await rm(join(place, "fail"));
    assert.equal(status, 1);
    assert.match(stderr, /cannot checkpoint container "\w+": no pages today\nhint: criu check/);
    assert.deepEqual(await readFile(archive), before);
    assert.deepEqual(
      (await readdir(place)).filter((name) => name.startsWith(".")),
      [],
    );
    const persist = join(target.root.root, "persist");
    for (const id of await readdir(persist)) {
      assert.ok(!(await readdir(join(persist, id))).includes("checkpoint"));
    }
  });

  it("is refused where nothing runs, and where it cannot lie there", async () => {
    const file = join(place, "x.tar");
    assert.equal((await target.crish(["checkpoint", "nope", "-e", file], { env })).status, 4);
    const nowhere = ["checkpoint", "app", "-e", "/nonexistent/x.tar"];
    assert.equal((await target.crish(nowhere, { env })).status, 2);
  });
});

function list(archive: string): string[] {
  return execFileSync("tar", ["-tf", archive], { encoding: "utf8" }).trim().split("\n");
}

function extract(archive: string, name: string): string {
  return execFileSync("tar", ["-xOf", archive, name], { encoding: "latin1" });
}
