/** What the CNI plugins take by themselves: the part of a pod's start that is alike everywhere. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "../support/cleanup.ts";
import { removeBridge } from "../support/remove-bridge.ts";
import { runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { randomSubnet, uniqueSuffix } from "../support/unique.ts";
import { type Competitor, takeTurns, timeProcess } from "./measure.ts";

const PLUGINS = "/usr/lib/cni";

/** Medians of bridge and portmap, ADD and DEL, in a network namespace of their own. */
export async function measureCni(
  cleanup: Cleanup,
  rounds: number,
): Promise<{ addMs: number; delMs: number }> {
  const suffix = uniqueSuffix();
  const network = `cni-${suffix}`;
  const bridge = `cnb-${suffix}`;
  const directory = await temporaryDirectory(cleanup, "cni");
  const netns = join(directory, "netns");
  await mkdir(join(directory, "addresses"));
  cleanup.add(`remove bridge ${bridge}`, () => removeBridge(bridge, network));
  const base = { cniVersion: "1.0.0", name: network };
  const bridgeConfig = {
    ...base,
    type: "bridge",
    bridge,
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: {
      type: "host-local",
      dataDir: join(directory, "addresses"),
      ranges: [[{ subnet: randomSubnet() }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  const plugins: Competitor = {
    name: "plugins",
    turn: async (round) => {
      await writeFile(netns, "");
      await runOk("unshare", [`--net=${netns}`, "true"]);
      const env = {
        PATH: process.env.PATH,
        CNI_CONTAINERID: `bench${round + 1}`,
        CNI_NETNS: netns,
        CNI_IFNAME: "eth0",
        CNI_PATH: PLUGINS,
      };
      const call = (
        command: string,
        type: string,
        config: object,
      ): { ms: number; stdout: string } =>
        timeProcess(join(PLUGINS, type), [], {
          env: { ...env, CNI_COMMAND: command },
          input: JSON.stringify(config),
        });
      const added = call("ADD", "bridge", bridgeConfig);
      const prevResult: unknown = JSON.parse(added.stdout);
      const portmap = { ...base, type: "portmap", snat: true, prevResult };
      const mapped = call("ADD", "portmap", portmap);
      const unmapped = call("DEL", "portmap", portmap);
      const removed = call("DEL", "bridge", { ...bridgeConfig, prevResult });
      await runOk("umount", [netns]);
      return { add: added.ms + mapped.ms, del: unmapped.ms + removed.ms };
    },
  };
  const medians = await takeTurns([plugins], rounds);
  return { addMs: medians.plugins?.add ?? Number.NaN, delMs: medians.plugins?.del ?? Number.NaN };
}
