import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { MountedDirectory, type MountPoint } from "../../../../src/cli/cp/mounted-directory.ts";
import { resolveInside } from "../../../../src/cli/cp/resolve-inside.ts";
import { DirectoryHandle } from "../../../../src/host/directory-handle.ts";

describe("a directory with what was mounted into it", () => {
  let place: string;
  let parent: DirectoryHandle;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "crish-cp-"));
    for (const name of ["root/run", "root/data", "root/var", "volume/sub", "other"]) {
      mkdirSync(join(place, name), { recursive: true });
    }
    symlinkSync("../run", join(place, "root/var/run"));
    writeFileSync(join(place, "root/data/hidden"), "of the image");
    writeFileSync(join(place, "volume/f"), "of the volume");
    writeFileSync(join(place, "other/o"), "of the other one");
    writeFileSync(join(place, "outside"), "outside");
    parent = DirectoryHandle.at(place);
  });

  afterEach(() => {
    parent.close();
    rmSync(place, { recursive: true });
  });

  function point(destination: string, name?: string, isReadOnly = false): MountPoint {
    return {
      destination,
      source: name === undefined ? undefined : { parent, name },
      isReadOnly,
      refusal: () => new Error(`${destination} is gone`),
    };
  }

  /** What a path of the container reads as. */
  function read(points: readonly MountPoint[], path: string): string {
    const root = MountedDirectory.root(DirectoryHandle.at(join(place, "root")), points);
    const { directory, name = "" } = resolveInside(root, path, { follow: true });
    try {
      const fd = directory.openFile(name, constants.O_RDONLY);
      assert.ok(fd !== undefined, path);
      const text = readFileSync(fd, "utf8");
      closeSync(fd);
      return text;
    } finally {
      directory.close();
      root.close();
    }
  }

  it("has a mount where links of the image led it to", () => {
    const points = [point("/var/run/v", "volume")];
    assert.equal(read(points, "/run/v/f"), "of the volume");
    assert.equal(read(points, "/var/run/v/f"), "of the volume");
  });

  it("has mounts inside mounts, the later one over the earlier, and files", () => {
    const points = [
      point("/data", "volume"),
      point("/data/sub", "other"),
      point("/data/f", "outside"),
      point("/run", "other"),
      point("/run", "volume"),
    ];
    assert.equal(read(points, "/data/sub/o"), "of the other one");
    assert.equal(read(points, "/data/f"), "outside");
    assert.equal(read(points, "/run/f"), "of the volume");
    assert.throws(() => read(points, "/run/sub/o"), { code: "ENOENT" });
  });

  it("is not left by links or dots of a volume", () => {
    symlinkSync(join(place, "outside"), join(place, "volume/absolute"));
    symlinkSync("../../../outside", join(place, "volume/dots"));
    symlinkSync("../data/hidden", join(place, "volume/beside"));
    const points = [point("/run/v", "volume"), point("/v", "volume")];
    for (const path of ["/run/v/absolute", "/run/v/dots", "/run/v/../../../outside"]) {
      assert.throws(() => read(points, path), { code: "ENOENT" }, path);
    }
    assert.equal(read(points, "/v/beside"), "of the image");
  });

  it("refuses what lies below a mount without a source, and lists nothing of it", () => {
    const points = [point("/data"), point("/data/sub", "other")];
    assert.throws(() => read(points, "/data/hidden"), /\/data is gone/);
    assert.equal(read(points, "/data/sub/o"), "of the other one");
    const root = MountedDirectory.root(DirectoryHandle.at(join(place, "root")), points);
    const data = root.directory("data");
    assert.deepEqual(data.names(), []);
    assert.throws(() => data.createFile("new"), /\/data is gone/);
    data.close();
    root.close();
  });

  it("does not follow a source that has become a link", () => {
    symlinkSync("volume", join(place, "swapped"));
    assert.throws(() => read([point("/data", "swapped")], "/data/f"));
  });

  it("refuses what the kernel refuses on mounts", () => {
    const points = [point("/data", "volume", true), point("/run/f", "outside")];
    const root = MountedDirectory.root(DirectoryHandle.at(join(place, "root")), points);
    const [data, run] = [root.directory("data"), root.directory("run")];
    assert.throws(() => data.createFile("new"), { code: "EROFS" });
    assert.throws(() => data.openFile("f", constants.O_WRONLY), { code: "EROFS" });
    closeSync(run.createFile("new"));
    assert.throws(() => run.rename("new", "f"), { code: "EBUSY" });
    assert.throws(() => run.makeHardLink("link", data, "f"), { code: "EXDEV" });
    for (const handle of [data, run, root]) handle.close();
    assert.equal(readFileSync(join(place, "outside"), "utf8"), "outside");
  });
});
