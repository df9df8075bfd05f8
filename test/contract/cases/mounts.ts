import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createMessage } from "../../../src/cri/create-message.ts";
import { Mount, MountPropagation } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

export const mountCases = [
  contractCase(
    "createContainer",
    [],
    "a bind mount shows the host's file, and ContainerStatus lists it",
    async (world) => {
      const hostPath = await directoryWith(world, "from the host");
      const pod = await world.runPod();
      const mounts = [mount({ hostPath, containerPath: "/data" })];
      const id = await world.runContainer(pod, { mounts });
      assert.equal((await world.shell(id, "cat /data/file")).stdout, "from the host");
      assert.equal((await world.shell(id, "echo back > /data/new")).exitCode, 0);
      assert.equal(await readFile(join(hostPath, "new"), "utf8"), "back\n");
      const listed = (await world.containerStatus(id)).mounts.filter(
        ({ containerPath }) => containerPath === "/data",
      );
      assert.equal(listed.length, 1);
      assert.equal(listed[0]?.hostPath, hostPath);
      assert.equal(listed[0]?.propagation, MountPropagation.PROPAGATION_PRIVATE);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "a bind mount whose host path is a symlink shows its target",
    async (world) => {
      const hostPath = await directoryWith(world, "target");
      const link = `${hostPath}-link`;
      await symlink(hostPath, link);
      const pod = await world.runPod();
      const mounts = [mount({ hostPath: link, containerPath: "/data" })];
      const { text } = await world.runToEnd(pod, "cat /data/file", { mounts });
      assert.equal(text, "target");
    },
  ),
  contractCase("createContainer", [], "a single file can be mounted", async (world) => {
    const hostPath = join(await directoryWith(world, "one file"), "file");
    const pod = await world.runPod();
    const mounts = [mount({ hostPath, containerPath: "/etc/one/file" })];
    const { text } = await world.runToEnd(pod, "cat /etc/one/file", { mounts });
    assert.equal(text, "one file");
  }),
  contractCase("createContainer", [], "a read-only mount refuses writes", async (world) => {
    const hostPath = await directoryWith(world, "keep");
    const pod = await world.runPod();
    const mounts = [mount({ hostPath, containerPath: "/data", readonly: true })];
    const { log } = await world.runToEnd(pod, "touch /data/x 2>&1", { mounts });
    assert.match(log, /Read-only file system/);
  }),
  contractCase(
    "createContainer",
    [],
    "a host path that is not there is made as a directory",
    async (world) => {
      const hostPath = join(await directoryWith(world, ""), "missing/deep");
      const pod = await world.runPod();
      const mounts = [mount({ hostPath, containerPath: "/data" })];
      const id = await world.runContainer(pod, { mounts });
      assert.equal((await world.shell(id, "touch /data/x")).exitCode, 0);
    },
  ),
  contractCase(
    "createContainer",
    ["invalid"],
    "recursive read-only without read-only is refused",
    async (world) => {
      const hostPath = await directoryWith(world, "");
      const pod = await world.runPod();
      const mounts = [mount({ hostPath, containerPath: "/data", recursiveReadOnly: true })];
      const call = world.runtime.createContainer(world.containerRequest(pod, { mounts }));
      await world.refuses(call, "InvalidArgument");
    },
  ),
  contractCase(
    "createContainer",
    ["invalid"],
    "recursive read-only with propagation is refused",
    async (world) => {
      const hostPath = await directoryWith(world, "");
      const pod = await world.runPod();
      for (const propagation of [
        MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
        MountPropagation.PROPAGATION_BIDIRECTIONAL,
      ]) {
        const fields = { readonly: true, recursiveReadOnly: true, propagation };
        const mounts = [mount({ hostPath, containerPath: "/data", ...fields })];
        const call = world.runtime.createContainer(world.containerRequest(pod, { mounts }));
        await world.refuses(call, "InvalidArgument");
      }
    },
  ),
  contractCase(
    "createContainer",
    [],
    "/proc, /sys, /dev, /dev/shm and /dev/pts are there",
    async (world) => {
      const { id } = await world.sharedContainer();
      const { stdout } = await world.shell(id, "cut -d' ' -f2 /proc/mounts");
      const points = stdout.split("\n");
      for (const point of ["/", "/proc", "/sys", "/dev", "/dev/shm", "/dev/pts"]) {
        assert.ok(points.includes(point), `${point} is not mounted`);
      }
      assert.equal((await world.shell(id, "echo x > /dev/null && head -c4 /dev/zero")).exitCode, 0);
    },
  ),
];

function mount(fields: Partial<Mount>): Mount {
  return createMessage(Mount, fields);
}

async function directoryWith(world: World, text: string): Promise<string> {
  await mkdir(world.target.directory, { recursive: true });
  const directory = await mkdtemp(join(world.target.directory, "mount-"));
  await writeFile(join(directory, "file"), text);
  return directory;
}
