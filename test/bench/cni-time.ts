/** What the CNI plugins take by themselves: the part of a pod's start that is alike everywhere. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "../support/cleanup.ts";
import { bridgeNetworkList } from "../support/network-list.ts";
import { removeBridge } from "../support/remove-bridge.ts";
import { runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { uniqueSuffix } from "../support/unique.ts";
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
  const {
    cniVersion,
    name,
    plugins: list,
  } = bridgeNetworkList({ name: network, bridge, directory });
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
      const call = (command: string, plugin: object & { type: string }, prevResult?: unknown) =>
        timeProcess(join(PLUGINS, plugin.type), [], {
          env: { ...env, CNI_COMMAND: command },
          input: JSON.stringify({ cniVersion, name, ...plugin, prevResult }),
        });
      const addMs: number[] = [];
      let result: unknown;
      for (const plugin of list) {
        const added = await call("ADD", plugin, result);
        addMs.push(added.ms);
        result = JSON.parse(added.stdout);
      }
      const delMs: number[] = [];
      for (const plugin of list.toReversed()) delMs.push((await call("DEL", plugin, result)).ms);
      await runOk("umount", [netns]);
      return { add: sum(addMs), del: sum(delMs) };
    },
  };
  const medians = await takeTurns([plugins], rounds);
  return { addMs: medians.plugins?.add ?? Number.NaN, delMs: medians.plugins?.del ?? Number.NaN };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
