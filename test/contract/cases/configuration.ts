import assert from "node:assert/strict";
import { createMessage } from "../../../src/cri/create-message.ts";
import { type ContainerConfig, ImageSpec } from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import type { World } from "../world.ts";

export const configurationCases = [
  contractCase(
    "createContainer",
    [],
    "without command and arguments the image's are run",
    async (world) => {
      const pod = await world.runPod();
      const id = await world.runContainer(pod, configured(world, { command: [] }));
      const commandLine = "tr '\\0' ' ' < /proc/1/cmdline";
      assert.match((await world.shell(id, commandLine)).stdout, /(sh -c )?sleep 1000/);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "arguments replace the image's Cmd and keep its Entrypoint",
    async (world) => {
      assert.match(await logOf(world, { command: [], args: ["echo args $0"] }), / F args \S*sh$/m);
    },
  ),
  contractCase("createContainer", [], "a command replaces Entrypoint and Cmd", async (world) => {
    const log = await logOf(world, { command: ["echo"], args: ["a", "b c"] });
    assert.match(log, / F a b c$/m);
  }),
  contractCase(
    "createContainer",
    [],
    "environment: the image's, and over it the container's",
    async (world) => {
      const envs = [
        { key: "BOTH", value: Buffer.from("container") },
        { key: "ODD", value: Buffer.from("a=b c") },
      ];
      const log = await logOf(world, { command: ["env"], envs });
      for (const line of ["FROM_IMAGE=yes", "BOTH=container", "ODD=a=b c"]) {
        assert.ok(log.includes(` F ${line}\n`), `${line} is not in ${log}`);
      }
      assert.ok(!log.includes("BOTH=image"), log);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "working directory and user come from the image",
    async (world) => {
      const log = await logOf(world, { command: ["sh", "-c", "pwd; id -u; id -g"] });
      assert.match(log, / F \/var\/www$/m);
      assert.equal(log.match(/ F 33$/gm)?.length, 2, log);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "the container's working directory goes before the image's",
    async (world) => {
      assert.match(await logOf(world, { command: ["pwd"], workingDir: "/etc" }), / F \/etc$/m);
    },
  ),
  contractCase("createContainer", [], "with a terminal the process has one", async (world) => {
    const pod = await world.runPod();
    const id = await world.runContainer(pod, { command: ["sh"], tty: true, stdin: true });
    const { stdout } = await world.shell(id, "readlink /proc/1/fd/0");
    assert.match(stdout, /\/dev\/(pts\/\d+|console)/);
  }),
  contractCase(
    "createContainer",
    [],
    "the process is number 1 of its own, with its own root",
    async (world) => {
      const { id } = await world.sharedContainer();
      const { stdout } = await world.shell(id, "cat /proc/1/comm; ls /");
      assert.match(stdout, /^sleep\n/);
      assert.ok(!stdout.includes("boot"), "the host's root is visible");
    },
  ),
];

function configured(world: World, fields: Partial<ContainerConfig>): Partial<ContainerConfig> {
  return {
    image: createMessage(ImageSpec, { image: world.target.images.configured }),
    ...fields,
  };
}

async function logOf(world: World, fields: Partial<ContainerConfig>): Promise<string> {
  const pod = await world.runPod();
  const { log } = await world.runToEnd(pod, "", configured(world, fields));
  return log;
}
