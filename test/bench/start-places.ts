/**
 * A container to look at, on containerd and on the embedded runtime, each in a place of its own. It
 * bears the labels that a kubelet gives: so nobody has to ask for its pod as well.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootName } from "../../src/runtime/choose-network.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { CLI_IMAGE, type CliTarget, containerdCli, embeddedCli } from "../support/cli-target.ts";
import { removeBridge } from "../support/remove-bridge.ts";
import { removeCgroups } from "../support/remove-cgroups.ts";

export interface StartPlace {
  readonly name: "containerd" | "embedded";
  /** What `-r` takes. */
  readonly endpoint: string;
  /** The container, which runs. */
  readonly id: string;
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
}

export async function startPlaces(cleanup: Cleanup): Promise<StartPlace[]> {
  const places: StartPlace[] = [];
  for (const target of [await containerdCli(cleanup), await embeddedCli(cleanup)]) {
    // A node's usual runtime has no configuration file; the one of tests is for what they create.
    const {
      CONTAINER_RUNTIME_ENDPOINT: endpoint = "",
      CRISH_RUNTIME_CONFIG: _,
      ...env
    } = target.env;
    const { CRISH_ROOT: root } = env;
    // Of a root without a configuration, which keeps them for its next pods.
    if (root !== undefined) {
      const name = rootName(root, false);
      cleanup.add(`remove the cgroups and the bridge ${name}`, async () => {
        await removeCgroups(`/${name}`);
        await removeBridge(name, name);
      });
    }
    const id = await startLabelled(target);
    places.push({ name: target.name, endpoint, id, env, directory: target.directory });
  }
  return places;
}

async function startLabelled(target: CliTarget): Promise<string> {
  const logs = join(target.directory, "logs");
  await mkdir(logs);
  const labels = {
    "io.kubernetes.pod.name": "bench",
    "io.kubernetes.pod.namespace": "default",
    "io.kubernetes.pod.uid": "bench-uid",
  };
  const pod = await writeJson(target, "pod.json", {
    metadata: { name: "bench", namespace: "default", uid: "bench-uid", attempt: 0 },
    log_directory: logs,
    labels,
    linux: {},
  });
  const container = await writeJson(target, "container.json", {
    metadata: { name: "main" },
    image: { image: CLI_IMAGE },
    command: ["sleep", "36000"],
    log_path: "main.log",
    labels: { ...labels, "io.kubernetes.container.name": "main" },
    linux: {},
  });
  const podId = await target.out(["runp", pod]);
  const id = await target.out(["create", podId, container, pod]);
  await target.out(["start", id]);
  return id;
}

async function writeJson(target: CliTarget, name: string, value: object): Promise<string> {
  const path = join(target.directory, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}
