import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  NamespaceMode,
  NamespaceOption,
  PodSandboxConfig,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import type { Engine } from "../../../src/runtime/engine.ts";
import { openEngine } from "../../../src/runtime/open-engine.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { createEmbeddedRoot, type EmbeddedRoot, SILENT } from "../../support/embedded-root.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

export interface PodRoot extends EmbeddedRoot {
  readonly engine: Engine;
}

/** A root of its own with its engine open; its pods are removed and nothing may be left of them. */
export async function openPodRoot(
  cleanup: Cleanup,
  options: { plugins?: readonly TestPlugin[] } = {},
): Promise<PodRoot> {
  const { plugins = [] } = options;
  const directory = await temporaryDirectory(cleanup, "pods");
  const pluginDirectory = join(directory, "plugins");
  await mkdir(pluginDirectory);
  for (const { type, script } of plugins) {
    await writeFile(join(pluginDirectory, type), `#!/bin/sh\n${script}\n`);
    await chmod(join(pluginDirectory, type), 0o755);
  }
  const root = await createEmbeddedRoot(cleanup, {
    directory,
    config: { cniPluginDirs: [pluginDirectory, "/opt/cni/bin", "/usr/lib/cni"] },
  });
  if (plugins.length > 0) await writeNetwork(root, plugins);
  const engine = await openTestEngine(root);
  cleanup.add("close the engine", () => engine.close());
  return { ...root, engine };
}

/** Opens the same root once more. */
export async function openTestEngine(root: EmbeddedRoot): Promise<Engine & { close(): void }> {
  const { root: path, state, configFile } = root;
  return await openEngine({ root: path, state, configFile, mode: "one-shot", log: SILENT });
}

/** A CNI plugin as a shell script. */
export interface TestPlugin {
  readonly type: string;
  readonly script: string;
}

/** The bridge network of the root, with the plugins after it; all in the default list's own words. */
async function writeNetwork(root: EmbeddedRoot, plugins: readonly TestPlugin[]): Promise<void> {
  const bridge = {
    type: "bridge",
    bridge: root.bridge,
    isGateway: true,
    ipMasq: true,
    ipam: {
      type: "host-local",
      dataDir: join(root.root, "addresses"),
      ranges: [[{ subnet: root.subnet }]],
    },
  };
  const list = {
    name: root.network,
    cniVersion: "1.0.0",
    plugins: [bridge, ...plugins.map(({ type }) => ({ type }))],
  };
  await writeFile(join(root.directory, "net.d", "10-test.conflist"), JSON.stringify(list));
}

export function podConfig(fields: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
  const metadata = { name: "web", namespace: "default", uid: "uid-1", attempt: 0 };
  return createMessage(PodSandboxConfig, { metadata, ...fields });
}

export function withNamespaces(fields: Partial<NamespaceOption>): Partial<PodSandboxConfig> {
  const namespaceOptions = createMessage(NamespaceOption, {
    pid: NamespaceMode.CONTAINER,
    ...fields,
  });
  return withLinux({
    securityContext: createMessage(LinuxSandboxSecurityContext, { namespaceOptions }),
  });
}

export function withLinux(fields: Partial<LinuxPodSandboxConfig>): Partial<PodSandboxConfig> {
  return { linux: createMessage(LinuxPodSandboxConfig, fields) };
}
