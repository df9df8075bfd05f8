import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { ImageProgress } from "../../../src/cri/image-store.ts";
import { hasCode } from "../../../src/errors/status-error.ts";
import { getExtendedAttribute } from "../../../src/runtime/host/extended-attributes.ts";
import { unmount } from "../../../src/runtime/host/unmount.ts";
import { recoverImages } from "../../../src/runtime/images/collect-garbage.ts";
import { findImage, getImage } from "../../../src/runtime/images/find-image.ts";
import { listImages } from "../../../src/runtime/images/list-images.ts";
import { loadArchive } from "../../../src/runtime/images/load-archive.ts";
import { pullImage } from "../../../src/runtime/images/pull-image.ts";
import { removeImage, untagImage } from "../../../src/runtime/images/remove-image.ts";
import { mountSnapshot } from "../../../src/runtime/snapshots/mount-snapshot.ts";
import { prepareSnapshot } from "../../../src/runtime/snapshots/prepare-snapshot.ts";
import { removeSnapshot } from "../../../src/runtime/snapshots/remove-snapshot.ts";
import { snapshotMount } from "../../../src/runtime/snapshots/snapshot-mount.ts";
import { snapshotUsage } from "../../../src/runtime/snapshots/snapshot-usage.ts";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { dockerArchive, ociArchive } from "../../support/image-archive.ts";
import { buildImage, buildIndex } from "../../support/image-builder.ts";
import { openTestEngine } from "../../support/open-test-engine.ts";
import { startRegistry } from "../../support/registry.ts";
import { runOk } from "../../support/run.ts";
import { type TarEntry, tarArchive } from "../../support/tar-archive.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

describe("images, against a real registry", async () => {
  const cleanup = cleanupAfter();
  const registry = await startRegistry(cleanup);
  const engine = await openTestEngine(cleanup);
  const image = busyboxImage({
    extra: [{ path: "etc/.wh.shadow" }, { path: "tmp/new", data: "x" }],
  });
  const pull = (reference: string) => pullImage(engine, { reference });

  async function assertNothingLeft(directories = ["blobs/sha256", "ingest"]): Promise<void> {
    assert.deepEqual(listImages(engine), []);
    for (const directory of directories) {
      const names = await readdir(join(engine.paths.content, directory)).catch(() => []);
      assert.deepEqual(names, [], directory);
    }
    assert.deepEqual(await readdir(engine.paths.snapshots), []);
    const left = engine.database.read((db) => [
      ...db.prepare("SELECT key FROM snapshots").all(),
      ...db.prepare("SELECT * FROM intents").all(),
      // A lock whose owner is dead is free, and goes when it is next taken.
      ...db.prepare("SELECT * FROM locks WHERE pid = ?").all(process.pid),
      ...db.prepare("SELECT * FROM blobs").all(),
    ]);
    assert.deepEqual(left, []);
  }

  it("pulls by tag, shows progress, and finds the image under all its names", async () => {
    const reference = await registry.push("test/app", "v1", image);
    const reports: ImageProgress[] = [];
    const pulled = await pullImage(engine, { reference, onProgress: (each) => reports.push(each) });
    assert.equal(pulled.id, image.config.digest);
    assert.deepEqual(pulled.tags, [reference]);
    assert.deepEqual(pulled.digests, [`${registry.host}/test/app@${image.manifest.digest}`]);
    const names = [
      pulled.id,
      pulled.id.slice(7),
      pulled.id.slice(7, 19),
      reference,
      ...pulled.digests,
    ];
    for (const name of names) assert.deepEqual(findImage(engine, name), pulled, name);
    assert.equal(findImage(engine, `${registry.host}/test/app`), undefined);
    const last = reports.at(-1)?.layers ?? [];
    assert.deepEqual(
      last.map(({ phase }) => phase),
      ["done", "done"],
    );
    assert.ok(
      last.every(({ doneBytes, totalBytes }) => doneBytes === totalBytes && totalBytes > 0),
    );
    await removeImage(engine, pulled.id);
    await assertNothingLeft();
  });

  it("has no tag after a pull by digest, also with a tag beside it", async () => {
    await registry.push("test/app", "v1", image);
    const digest = `${registry.host}/test/app@${image.manifest.digest}`;
    for (const reference of [digest, digest.replace("@", ":v1@")]) {
      const pulled = await pull(reference);
      assert.deepEqual([pulled.tags, pulled.digests], [[], [digest]]);
    }
    await removeImage(engine, digest);
    await assertNothingLeft();
  });

  it("means latest where no tag is given", async () => {
    await registry.push("test/app", "latest", image);
    const { tags } = await pull(`${registry.host}/test/app`);
    assert.deepEqual(tags, [`${registry.host}/test/app:latest`]);
    await removeImage(engine, `${registry.host}/test/app`);
  });

  it("takes the manifest for this platform out of an index, and Docker's own formats", async () => {
    const other = buildImage({ layers: [[{ path: "wrong" }]], architecture: "s390x" });
    const own = process.arch === "x64" ? "amd64" : process.arch;
    const docker = buildImage({ layers: [[{ path: "right" }]], format: "docker" });
    await registry.push("test/multi", "other", other);
    await registry.push("test/multi", "own", docker);
    const index = buildIndex([
      { architecture: "s390x", image: other },
      { architecture: own, image: docker },
    ]);
    const pulled = await pull(await registry.pushManifest("test/multi", "all", index));
    assert.equal(pulled.id, docker.config.digest);
    assert.deepEqual(pulled.digests, [`${registry.host}/test/multi@${index.digest}`]);
    await assert.rejects(
      pull(
        await registry.pushManifest(
          "test/multi",
          "none",
          buildIndex([{ architecture: "s390x", image: other }]),
        ),
      ),
      (error) => hasCode(error, "NotFound") && /only for linux\/s390x/.test(error.message),
    );
    await removeImage(engine, pulled.id);
    await assertNothingLeft();
  });

  it("is one image under three tags, and removal by ID takes all of them", async () => {
    const tags: string[] = [];
    for (const tag of ["1", "2", "3"]) tags.push(await registry.push("test/tags", tag, image));
    for (const tag of tags) await pull(tag);
    assert.deepEqual(
      listImages(engine).map((each) => each.tags),
      [tags],
    );
    await Promise.all(
      [1, 2, 3, 4, 5].map(async () => {
        await removeImage(engine, image.config.digest);
        assert.equal(findImage(engine, tags[0] ?? ""), undefined);
      }),
    );
    await removeImage(engine, image.config.digest);
    await assertNothingLeft();
  });

  it("moves a tag, keeps the old image by its digest, and removes single names", async () => {
    const newer = buildImage({ layers: [[{ path: "newer" }]] });
    const reference = await registry.push("test/move", "t", image);
    const first = await pull(reference);
    await registry.push("test/move", "t", newer);
    const second = await pull(reference);
    assert.deepEqual(getImage(engine, first.id).tags, []);
    assert.deepEqual(second.tags, [reference]);
    assert.deepEqual(await untagImage(engine, reference), { removedImage: true });
    assert.equal(findImage(engine, second.id), undefined);
    await assert.rejects(untagImage(engine, reference), (error) => hasCode(error, "NotFound"));
    assert.deepEqual(await untagImage(engine, first.digests[0] ?? ""), { removedImage: true });
    await assertNothingLeft();
  });

  it("unpacks a layer once when several pull it at the same time", async () => {
    const shared: TarEntry[] = [{ path: "shared", data: randomBytes(500_000) }];
    const images = ["a", "b", "c"].map((name) =>
      buildImage({ layers: [shared, [{ path: name }]] }),
    );
    const references = await Promise.all(
      images.map((each, index) => registry.push(`test/shared${index}`, "1", each)),
    );
    const others = await Promise.all(
      references.map(() => openTestEngine(cleanup, { directory: engine.directory })),
    );
    const pulled = await Promise.all(
      references.map((reference, index) => pullImage(others[index] ?? engine, { reference })),
    );
    assert.equal((await readdir(engine.paths.snapshots)).length, 4);
    for (const { id } of pulled) await removeImage(engine, id);
    await assertNothingLeft();
  });

  it("gives a container the merged tree, and a directory that is implied its own mode", async () => {
    const target = await temporaryDirectory(cleanup, "mount");
    const pulled = await pull(await registry.push("test/app", "v1", image));
    await prepareSnapshot(engine, "container-1", pulled.chainId);
    await assert.rejects(prepareSnapshot(engine, "container-1", pulled.chainId), (error) =>
      hasCode(error, "AlreadyExists"),
    );
    await mountSnapshot(engine, "container-1", target);
    try {
      assert.equal((await stat(join(target, "tmp"))).mode & 0o7777, 0o1777);
      assert.equal((await stat(join(target, "etc"))).mode & 0o7777, 0o755);
      await assert.rejects(stat(join(target, "etc/shadow")), /ENOENT/);
      assert.match(await readFile(join(target, "etc/passwd"), "utf8"), /www-data/);
      await writeFile(join(target, "tmp/mine"), Buffer.alloc(100_000, "x"));
      await runOk("chroot", [target, "/bin/ls", "/"]);
      // The image goes while the container stays: its layers must not.
      await removeImage(engine, pulled.id);
      assert.match(await readFile(join(target, "etc/group"), "utf8"), /nogroup/);
    } finally {
      await unmount(target);
    }
    const usage = await snapshotUsage(engine, "container-1");
    assert.ok(usage.sizeBytes >= 100_000 && usage.inodes >= 2);
    await removeSnapshot(engine, "container-1");
    await removeSnapshot(engine, "container-1");
    await removeImage(engine, (await pull(pulled.tags[0] ?? "")).id);
    await assertNothingLeft();
  });

  it("gives implied directories owner and attributes from below, but not what lies below a whiteout", async () => {
    const sticky = { type: "directory", mode: 0o2770, uid: 7, gid: 8 } as const;
    const pax = { "SCHILY.xattr.user.colour": "blue" };
    const stacked = buildImage({
      layers: [
        [
          { path: "./", type: "directory", mode: 0o711 },
          { path: "keep/", ...sticky, pax },
          { path: "hidden/", ...sticky },
        ],
        [{ path: ".wh.hidden" }],
        [{ path: "keep/file" }, { path: "hidden/file" }],
      ],
    });
    const pulled = await pull(await registry.push("test/implied", "1", stacked));
    const { lowerDirs } = snapshotMount(engine, pulled.chainId);
    const top = lowerDirs[0] ?? "";
    const { stdout } = await runOk("stat", ["-c", "%a %u:%g", top, `${top}/keep`, `${top}/hidden`]);
    assert.deepEqual(stdout.trim().split("\n"), ["711 0:0", "2770 7:8", "755 0:0"]);
    const colour = await getExtendedAttribute(`${top}/keep`, "user.colour");
    assert.equal(Buffer.from(colour ?? []).toString(), "blue");
    await removeImage(engine, pulled.id);
  });

  it("mounts an image of 120 layers and one of none", async () => {
    const target = await temporaryDirectory(cleanup, "mount");
    const layers = Array.from({ length: 120 }, (_, n): TarEntry[] => [
      { path: `f${n}`, data: `${n}` },
    ]);
    const many = buildImage({ layers });
    const none = buildImage({ layers: [] });
    for (const [name, each] of [
      ["many", many],
      ["none", none],
    ] as const) {
      const pulled = await pull(await registry.push(`test/${name}`, "1", each));
      await prepareSnapshot(engine, name, pulled.chainId);
      await mountSnapshot(engine, name, target);
      assert.equal((await readdir(target)).length, each.layers.length);
      await unmount(target);
      await removeSnapshot(engine, name);
      await removeImage(engine, pulled.id);
    }
    await assertNothingLeft();
  });

  const archives: [string, () => Buffer, string[]][] = [
    ["an OCI layout", () => ociArchive(image, "test/oci:1"), ["docker.io/test/oci:1"]],
    ["an OCI layout in gzip", () => gzipSync(ociArchive(image, "x.io/y:1")), ["x.io/y:1"]],
    ["an OCI layout in zstd", () => zstdCompressSync(ociArchive(image, "x.io/y:1")), ["x.io/y:1"]],
    ["an OCI layout without a name", () => ociArchive(image), []],
    [
      "what docker save writes",
      () => dockerArchive(image, ["b/c:2", "a:1"]),
      ["docker.io/b/c:2", "docker.io/library/a:1"],
    ],
  ];
  for (const [what, make, references] of archives) {
    it(`loads ${what}`, async () => {
      const loaded = await loadArchive(engine, Readable.from([make()]));
      assert.deepEqual(loaded, [{ imageId: image.config.digest, references }]);
      assert.deepEqual(getImage(engine, image.config.digest).tags, references);
      await removeImage(engine, image.config.digest);
      await assertNothingLeft();
    });
  }

  it("loads what skopeo writes, and gives a nameless archive the name it is told", async () => {
    const reference = await registry.push("test/app", "v1", image);
    const directory = await temporaryDirectory(cleanup, "skopeo");
    for (const kind of ["oci-archive", "docker-archive"]) {
      const file = join(directory, `${kind}.tar`);
      await runOk("skopeo", [
        "--insecure-policy",
        "copy",
        "--src-tls-verify=false",
        `docker://${reference}`,
        `${kind}:${file}`,
      ]);
      const archive = Readable.from([await readFile(file)]);
      const [loaded] = await loadArchive(engine, archive, { reference: "named:1" });
      assert.deepEqual(loaded?.references, ["docker.io/library/named:1"]);
      await removeImage(engine, "named:1");
      await assertNothingLeft();
    }
  });

  const broken: [string, Buffer, RegExp][] = [
    ["is no archive", Buffer.from("hello".repeat(500)), /damaged tar header/],
    ["is empty", Buffer.alloc(0), /holds no image/],
    ["holds no image", tarArchive([{ path: "file", data: "x" }]), /holds no image/],
    ["is cut off", ociArchive(image).subarray(0, 400_000), /ends within an entry/],
    [
      "lacks a blob",
      ociArchive({ ...image, layers: image.layers.slice(1) }),
      /lacks "blobs\/sha256/,
    ],
    [
      "has a blob that is not what its name says",
      tarArchive([{ path: `blobs/sha256/${"0".repeat(64)}`, data: "x" }]),
      /has the digest/,
    ],
    ["has a malformed index", tarArchive([{ path: "index.json", data: "{" }]), /not JSON/],
    [
      "has a malformed manifest.json",
      tarArchive([{ path: "manifest.json", data: "[{}]" }]),
      /malformed/,
    ],
    [
      "hides files outside",
      dockerArchive(buildImage({ layers: [[{ path: "../../escape" }]] }), ["a:1"]),
      /"\.\."/,
    ],
  ];
  for (const [what, archive, pattern] of broken) {
    it(`refuses an archive that ${what}, and keeps nothing`, async () => {
      await assert.rejects(loadArchive(engine, Readable.from([archive])), pattern);
      await assertNothingLeft();
    });
  }

  it("fetches a stored blob anew when the disk has damaged it", async () => {
    const reference = await registry.push("test/app", "v1", image);
    const { id } = await pull(reference);
    const digest = image.layers[0]?.digest.slice(7) ?? "";
    await writeFile(join(engine.paths.content, "blobs/sha256", digest), "damaged");
    // Another image with the same blob on top of another layer has to unpack it again.
    const other = buildImage({ layers: [[{ path: "below" }]] });
    const [below] = other.layers;
    const [layer] = image.layers;
    assert.ok(below && layer);
    const { buildManifest, jsonBlob } = await import("../../support/image-builder.ts");
    const config = jsonBlob("application/vnd.oci.image.config.v1+json", {
      os: "linux",
      architecture: "amd64",
      rootfs: { type: "layers", diff_ids: [below.diffId, layer.diffId] },
    });
    const layers = [below, layer];
    const stacked = { config, layers, manifest: buildManifest(config, layers) };
    const second = await pull(await registry.push("test/stacked", "1", stacked));
    await removeImage(engine, id);
    await removeImage(engine, second.id);
    await assertNothingLeft();
  });

  it("keeps nothing when the disk is full", async () => {
    const directory = await temporaryDirectory(cleanup, "full");
    await mkdir(join(directory, "disk"));
    await runOk("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", join(directory, "disk")]);
    const small = await openTestEngine(cleanup, { directory: join(directory, "disk") });
    const large = buildImage({
      layers: [
        [{ path: "a", data: randomBytes(3_000_000) }],
        [{ path: "b", data: randomBytes(3_000_000) }],
      ],
    });
    const reference = await registry.push("test/large", "1", large);
    for (const work of [
      () => pullImage(small, { reference }),
      () => loadArchive(small, Readable.from([ociArchive(large, "large:1")])),
    ]) {
      await assert.rejects(work(), (error) => {
        assert.ok(hasCode(error, "ResourceExhausted"), String(error));
        return true;
      });
      assert.deepEqual(listImages(small), []);
      assert.deepEqual(await readdir(small.paths.snapshots), []);
      assert.deepEqual(await readdir(join(small.paths.content, "ingest")), []);
      assert.deepEqual(await readdir(join(small.paths.content, "blobs/sha256")), []);
    }
    small.close();
  });

  it("undoes a pull that was killed after its intent, and one killed before its outcome", async () => {
    const reference = await registry.push("test/app", "v1", image);
    for (const point of [
      "image-pull:intent",
      "unpack:outcome",
      "blob:renamed",
      "image-pull:outcome",
    ]) {
      const child = await runOk("sh", [
        "-c",
        'CRISH_FAILPOINT="$1" "$0" --input-type=module-typescript -e "$2"; test $? -gt 128',
        process.execPath,
        point,
        pullProgram(engine.directory, reference),
      ]);
      assert.equal(child.stdout, "");
      await recoverImages(engine);
      // What had come of a layer stays for a day, for the next pull to go on with.
      await assertNothingLeft(["blobs/sha256"]);
    }
    const left = await runOk("sh", [
      "-c",
      'CRISH_FAILPOINT=image-remove:intent "$0" --input-type=module-typescript -e "$1"; test $? -gt 128',
      process.execPath,
      pullProgram(engine.directory, reference, true),
    ]);
    assert.equal(left.stdout, "");
    await recoverImages(engine);
    await removeImage(engine, (await pull(reference)).id);
    await assertNothingLeft();
  });
});

function pullProgram(directory: string, reference: string, remove = false): string {
  const source = (path: string) => new URL(`../../../src/runtime/${path}`, import.meta.url).href;
  return `
    import { openEngine } from "${source("open-engine.ts")}";
    import { pullImage } from "${source("images/pull-image.ts")}";
    import { removeImage } from "${source("images/remove-image.ts")}";
    const log = { debug() {}, warn() {} };
    const engine = await openEngine({ root: "${directory}/root", state: "${directory}/state", mode: "one-shot", log });
    const image = await pullImage(engine, { reference: "${reference}" });
    if (${remove}) await removeImage(engine, image.id);
  `;
}
