import assert from "node:assert/strict";
import { mkdir, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { findMounts } from "../../../../src/cli/apply/find-mounts.ts";
import { type MadeVolume, makeVolumes } from "../../../../src/cli/apply/make-volumes.ts";
import { describe as describeError } from "../../../../src/errors/describe.ts";
import type { HostPathType } from "../../../../src/manifest/plan-volumes.ts";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const cleanup = cleanupAfter();
let directory: string;
before(async () => {
  directory = await realpath(await temporaryDirectory(cleanup, "volumes"));
});

const CONTAINER = { name: "c", image: "i" };

/** Where the mount of a path below the volume leads. */
async function placeOf(kind: "directory" | "files", volume: string, subPath: string) {
  const made: MadeVolume = { kind, path: volume };
  const files = { persistent: join(directory, "pod"), memory: "/no", logs: "/no" };
  const [mount] = await findMounts({
    container: CONTAINER,
    attempt: 0,
    plans: [
      {
        volume: "v",
        subPath,
        containerPath: "/v",
        readonly: false,
        recursive: "Disabled",
        propagation: 0,
      },
    ],
    volumes: new Map([["v", made]]),
    pod: {
      manifest: { metadata: { name: "p" }, spec: { containers: [CONTAINER] } },
      namespace: "default",
      uid: "u",
      podIps: [],
      node: {
        nodeName: "n",
        hostIp: "192.0.2.1",
        memoryBytes: 1n,
        cpus: 1,
        dns: { servers: [], searches: [], options: [] },
      },
    },
    files,
    isDryRun: false,
  });
  return mount;
}

describe("a path below a volume", () => {
  it("is made where nothing is", async () => {
    const volume = join(directory, "made");
    await mkdir(volume);
    assert.equal((await placeOf("directory", volume, "a/b"))?.hostPath, join(volume, "a/b"));
    assert.deepEqual(await readdir(volume), ["a"]);
  });

  it("follows links that a container has put there, but not out of the volume", async () => {
    const volume = join(directory, "links");
    await mkdir(join(volume, "real"), { recursive: true });
    await symlink("real", join(volume, "inside"));
    await symlink("/etc", join(volume, "outside"));
    await symlink("..", join(volume, "above"));
    await symlink("/nonexistent/target", join(volume, "dangling"));
    assert.equal(
      (await placeOf("directory", volume, "inside/x"))?.hostPath,
      join(volume, "real/x"),
    );
    for (const path of ["outside", "outside/ssh", "above", "inside/../outside"]) {
      await assert.rejects(placeOf("directory", volume, path), /is a link out of its volume/, path);
    }
    await assert.rejects(placeOf("directory", volume, "dangling"));
  });

  it("must be there in a volume of files, which is read-only", async () => {
    const volume = join(directory, "files");
    await mkdir(volume);
    await writeFile(join(volume, "a"), "");
    const mount = await placeOf("files", volume, "a");
    assert.deepEqual([mount?.hostPath, mount?.readonly], [join(volume, "a"), true]);
    await assert.rejects(placeOf("files", volume, "b"), /has no "b"/);
  });
});

describe("a hostPath", () => {
  async function check(path: string, type: HostPathType): Promise<void> {
    const files = { persistent: "/no", memory: "/no", logs: "/no" };
    const { signal } = new AbortController();
    await makeVolumes([{ kind: "host", name: "v", path, type }], { files, signal });
  }

  it("is of the type that is asked for", async () => {
    const file = join(directory, "file");
    const socket = join(directory, "socket");
    await writeFile(file, "");
    const server = createServer().listen(socket);
    cleanup.add("close the socket", () => new Promise((resolve) => server.close(() => resolve())));
    await new Promise((resolve) => server.once("listening", resolve));
    const places = { file, socket, directory, device: "/dev/null" };
    const fits: readonly (readonly [HostPathType, keyof typeof places])[] = [
      ["File", "file"],
      ["FileOrCreate", "file"],
      ["Directory", "directory"],
      ["DirectoryOrCreate", "directory"],
      ["Socket", "socket"],
      ["CharDevice", "device"],
    ];
    for (const [type, fitting] of fits) {
      for (const [name, path] of Object.entries(places)) {
        if (name === fitting) await check(path, type);
        else await assert.rejects(check(path, type), /is not a /, `${type} ${name}`);
      }
    }
    await assert.rejects(check("/dev/null", "BlockDevice"), /is not a block device/);
    await check(join(directory, "whatever"), "");
  });

  it("is made where the type says so, and is told as absent otherwise", async () => {
    await check(join(directory, "new/directory"), "DirectoryOrCreate");
    await check(join(directory, "new/file"), "FileOrCreate");
    assert.deepEqual((await readdir(join(directory, "new"))).sort(), ["directory", "file"]);
    const none = join(directory, "none");
    const error = await check(none, "File").catch((failure: unknown) => failure);
    // The system's own words would say it a second time.
    assert.equal(describeError(error).message, `hostPath "${none}" is not a file: no such file`);
  });
});
