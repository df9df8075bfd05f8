/**
 * Makes a small image from the host's busybox-static and writes it as a docker-save archive:
 * `make-image.ts ARCHIVE REFERENCE`. One layer: the binary, a link per applet, and a few users.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { arch, tmpdir } from "node:os";
import { join } from "node:path";

const BUSYBOX = "/bin/busybox";
const PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";
const GROUP = "root:x:0:\nnogroup:x:65534:\n";

const [archive, reference] = process.argv.slice(2);
if (archive === undefined || reference === undefined) {
  throw new Error("usage: make-image.ts ARCHIVE REFERENCE");
}
const directory = mkdtempSync(join(tmpdir(), "crish-image-"));
try {
  writeArchive(directory, archive, reference);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function writeArchive(work: string, file: string, name: string): void {
  const tree = join(work, "tree");
  makeTree(tree);
  const layer = tar(tree);
  const config = JSON.stringify({
    architecture: arch() === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Cmd: ["sh"], Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const configName = `${sha256(config)}.json`;
  const image = join(work, "image");
  mkdirSync(image);
  writeFileSync(join(image, "layer.tar"), layer);
  writeFileSync(join(image, configName), config);
  const manifest = [{ Config: configName, RepoTags: [name], Layers: ["layer.tar"] }];
  writeFileSync(join(image, "manifest.json"), JSON.stringify(manifest));
  writeFileSync(file, tar(image));
}

function makeTree(tree: string): void {
  for (const name of ["bin", "etc", "proc", "sys", "dev", "root", "tmp", "var"]) {
    mkdirSync(join(tree, name), { recursive: true });
  }
  chmodSync(join(tree, "tmp"), 0o1777);
  writeFileSync(join(tree, "bin/busybox"), readFileSync(BUSYBOX), { mode: 0o755 });
  for (const applet of execute(BUSYBOX, ["--list"]).toString().trim().split("\n")) {
    if (applet !== "busybox") symlinkSync("busybox", join(tree, "bin", applet));
  }
  writeFileSync(join(tree, "etc/passwd"), PASSWD);
  writeFileSync(join(tree, "etc/group"), GROUP);
}

/** The directory as a tar that depends on nothing but its contents. */
function tar(directory: string): Buffer {
  const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  return execute("tar", ["-C", directory, ...reproducible, "-cf", "-", "."]);
}

function execute(command: string, args: readonly string[]): Buffer {
  const { status, error, stdout, stderr } = spawnSync(command, args, { maxBuffer: 1 << 30 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
