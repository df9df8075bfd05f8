import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { RECOMMENDED } from "../../scripts/release/debian-package.ts";
import { type BareRoot, createBareRoot } from "../support/bare-root.ts";
import { busyboxImage } from "../support/busybox-image.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { dockerArchive } from "../support/image-archive.ts";
import { makeRelease } from "../support/release.ts";
import { removeCgroups } from "../support/remove-cgroups.ts";
import { uniqueSuffix } from "../support/unique.ts";

const IMAGE = "localhost/crish/quickstart:latest";

describe("the Debian package in a bare root without Node", () => {
  const cleanup = cleanupAfter();
  let root: BareRoot;
  before(async () => {
    const cgroupParent = `/crish-t-${uniqueSuffix()}`;
    cleanup.add("remove the cgroups", () => removeCgroups(cgroupParent));
    const release = await makeRelease(cleanup);
    const [deb = ""] = globSync("*.deb", { cwd: release });
    root = await createBareRoot(cleanup, RECOMMENDED);
    await copyFile(join(release, deb), join(root.directory, "crish.deb"));
    await writeFile(join(root.directory, "image.tar"), dockerArchive(busyboxImage(), [IMAGE]));
    await mkdir(join(root.directory, "etc/crish"));
    await writeFile(
      join(root.directory, "etc/crish/runtime.yaml"),
      `cgroupParent: ${cgroupParent}\n`,
    );
  });

  it("has no JavaScript runtime and no certificates before", async () => {
    const { status, stdout } = await root.run("command -v node npm bun crish; ls /etc/ssl/certs");
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
  });

  it("gives a working crish, its manual and its completions, by dpkg -i alone", async () => {
    const { stdout, stderr, status } = await root.run(`
      set -eu
      dpkg -i /crish.deb >&2
      crish --version
      crish version --client -o json
      dpkg -V crish
      command -v crish
      ls /usr/share/bash-completion/completions/crish /usr/share/zsh/vendor-completions/_crish
      ls /usr/share/fish/vendor_completions.d/crish.fish`);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^crish version \d/);
    assert.match(stdout, /"runtime": "Bun /);
    assert.match(stdout, /^\/usr\/bin\/crish$/m);
  });

  it("takes the quickstart's steps on the embedded runtime", async () => {
    const { stdout, stderr, status } = await root.run(STEPS);
    assert.equal(status, 0, `${stdout}${stderr}`);
    const said = sections(stdout);
    assert.match(said.info ?? "", /"backend": "embedded"/);
    assert.match(said.pods ?? "", /Ready +quickstart/);
    assert.match(said.ps ?? "", /Running +quickstart/);
    assert.match(said.images ?? "", /localhost\/crish\/quickstart +latest/);
    assert.equal(said.exec, "quickstart\n");
    assert.equal(said.pipe, "hi\n");
    assert.equal(said.status, "7\n");
    assert.match(said.logs ?? "", /^hello from crish$/m);
    assert.match(said.stats ?? "", /quickstart/);
    assert.equal(said.shell, "from the shell\n");
    assert.equal(said.gone, "");
  });

  it("goes without a trace but what it ran", async () => {
    const { stdout } = await root.run("dpkg -P crish >/dev/null; find /usr -name '*crish*'");
    assert.equal(stdout, "");
  });
});

/** Each command under a heading of its own. No endpoint is named: no socket answers here. */
const STEPS = `
set -eu
say() { echo "## $1"; shift; "$@"; }
say load crish load /image.tar
say run crish run -d --name quickstart ${IMAGE} sh -c 'echo hello from crish; exec sleep 1000'
say info crish info
say pods crish pods
say ps crish ps
say images crish images
say exec crish exec quickstart hostname
echo "## pipe"
echo hi | crish exec -i quickstart cat
echo "## status"
crish exec quickstart sh -c 'exit 7' || echo $?
say logs crish logs quickstart
say stats crish stats
echo "## shell"
echo 'exec quickstart echo from the shell' | crish
say removed crish rmp --force quickstart
say unloaded crish rmi ${IMAGE}
echo "## gone"
crish pods -q
crish images -q
`;

function sections(text: string): Record<string, string> {
  const parts = text.split(/^## (\w+)\n/m).slice(1);
  const entries: [string, string][] = [];
  for (let index = 0; index < parts.length; index += 2) {
    entries.push([parts[index] ?? "", parts[index + 1] ?? ""]);
  }
  return Object.fromEntries(entries);
}
