import { describe } from "../../../errors/describe.ts";
import type { NodeInspector } from "../../../runtime/index.ts";
import { type Check, type Doctor, type Finding, fail, ok, warn } from "../finding.ts";
import { findingOf } from "../finding-of.ts";

const PACKAGE = "apt-get install containernetworking-plugins";

/** CNI: the configuration lists, the one in use, its plugins. */
export const networks: Check = {
  id: "networks",
  title: "networks (CNI)",
  embedded: true,
  async run(doctor, signal) {
    const facts = await doctor.node.networks();
    const plugins = await Promise.all(
      facts.plugins.map((plugin) => checkPlugin(doctor, signal, { ...plugin, facts })),
    );
    return [...checkLists(facts), ...plugins];
  },
};

type Facts = Awaited<ReturnType<NodeInspector["networks"]>>;

function checkLists({ files, isDefault, configDir, bridge, subnet }: Facts): Finding[] {
  if (isDefault) {
    return [
      ok("networks.list", `no list in ${configDir}: crish's own, bridge ${bridge}, ${subnet}`),
    ];
  }
  return files.map(({ file, name, plugins = [], error }, index) => {
    const isUsed = index === 0;
    if (error === undefined) {
      const use = isUsed ? "in use" : "not in use: the first by name is";
      return ok("networks.list", `${file}: "${name}" (${plugins.join(", ")}), ${use}`);
    }
    const fix = isUsed
      ? `correct or remove ${file}: pods get the first list by name, and none while it is malformed`
      : `correct or remove ${file}`;
    const finding = { ...findingOf("networks.list", error), fix };
    return isUsed ? finding : warn("networks.list", describe(error).message, fix);
  });
}

async function checkPlugin(
  { run }: Doctor,
  signal: AbortSignal,
  { type, path, facts }: { type: string; path: string | undefined; facts: Facts },
): Promise<Finding> {
  const id = `networks.plugin.${type}`;
  if (path === undefined) {
    const places = facts.pluginDirs.map((place) => place.path).join(", ");
    return fail(
      id,
      `no CNI plugin "${type}" in ${places}`,
      `${PACKAGE}, or name its directory as cniPluginDirs`,
    );
  }
  const { cniVersion } = facts;
  try {
    const { exitCode, stdout } = await run(path, [], {
      signal,
      env: { CNI_COMMAND: "VERSION" },
      input: JSON.stringify({ cniVersion }),
    });
    const { supportedVersions = [] } = JSON.parse(stdout.toString()) as {
      supportedVersions?: string[];
    };
    if (exitCode !== 0) throw new Error(`status ${exitCode}`);
    if (supportedVersions.includes(cniVersion))
      return ok(id, `${path}: up to CNI ${supportedVersions.at(-1)}`);
    return fail(
      id,
      `${path} does not know CNI ${cniVersion}, which the list asks for`,
      `lower cniVersion in the list, or install a newer plugin`,
    );
  } catch (error) {
    return fail(
      id,
      `${path} does not answer as a CNI plugin: ${describe(error).message}`,
      `install it anew: ${PACKAGE}`,
    );
  }
}
