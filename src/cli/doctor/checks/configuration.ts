import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadOwnSettings } from "../../../config/load-own-settings.ts";
import { DEFAULT_CONFIG_FILE, loadSettings } from "../../../config/load-settings.ts";
import { describe } from "../../../errors/describe.ts";
import { errnoText } from "../../../errors/errno-text.ts";
import { findExecutable } from "../../../host/find-executable.ts";
import { type Check, type Doctor, type Finding, fail, ok, unchecked, warn } from "../finding.ts";
import { findingOf } from "../finding-of.ts";

/** Every file that crish reads before it works. */
export const configuration: Check = {
  id: "configuration",
  title: "configuration files",
  embedded: false,
  async run(doctor) {
    const found = await Promise.all([
      checkCrictlYaml(doctor),
      checkRuntimeYaml(doctor),
      checkShellYaml(doctor),
      checkDockerConfig(doctor),
    ]);
    return found.flat();
  },
};

async function checkCrictlYaml({ env, flags }: Doctor): Promise<Finding> {
  const id = "configuration.crictl";
  try {
    const { configFile } = await loadSettings({ flags, env, defaultFile: DEFAULT_CONFIG_FILE });
    if (configFile === undefined) return ok(id, `no ${DEFAULT_CONFIG_FILE}: defaults`);
    return ok(id, `${configFile} is well formed`);
  } catch (error) {
    const finding = findingOf(id, error);
    return { ...finding, fix: finding.fix ?? "correct the file, or name another with --config" };
  }
}

async function checkRuntimeYaml({ node }: Doctor): Promise<Finding> {
  const id = "configuration.runtime";
  try {
    await node.config();
    const exists = existsSync(node.configFile);
    return ok(id, exists ? `${node.configFile} is well formed` : `no ${node.configFile}: defaults`);
  } catch (error) {
    const finding = findingOf(id, error);
    const fix = "correct the file, or name another with CRISH_RUNTIME_CONFIG";
    return { ...finding, fix: finding.fix ?? fix };
  }
}

/** The shell's own file: it works without, so a malformed one is a warning. */
async function checkShellYaml({ env }: Doctor): Promise<Finding[]> {
  const id = "configuration.shell";
  const { problems, aliases } = await loadOwnSettings(env);
  if (problems.length > 0) {
    const fix = "correct the file; the shell passes it over until then";
    return problems.map((problem) => warn(id, describe(problem).message, problem.hint ?? fix));
  }
  return aliases.size === 0 ? [] : [ok(id, `${aliases.size} aliases of the shell`)];
}

/** Credentials of registries: the file's form and the helpers that it names, never what it holds. */
async function checkDockerConfig({ env }: Doctor): Promise<Finding[]> {
  const id = "configuration.credentials";
  const directory = env.DOCKER_CONFIG || (env.HOME && join(env.HOME, ".docker"));
  if (!directory) return [];
  const file = join(directory, "config.json");
  let config: unknown;
  try {
    config = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    if (code !== undefined) return [unchecked(id, `cannot read "${file}": ${errnoText(error)}`)];
    return [fail(id, `"${file}" is not JSON`, "correct it, or write it anew with docker login")];
  }
  const { credsStore, credHelpers } = (config ?? {}) as Record<string, unknown>;
  const named = [credsStore, ...Object.values((credHelpers ?? {}) as object)];
  const missing = [...new Set(named)]
    .filter((name): name is string => typeof name === "string" && name !== "")
    .map((name) => `docker-credential-${name}`)
    .filter((program) => findExecutable(program, env.PATH ?? "") === undefined);
  if (missing.length === 0) return [ok(id, `${file} is well formed`)];
  const fix = `install ${missing.join(", ")} in the PATH, or take the name out of the file`;
  return [warn(id, `"${file}" names credential helpers that are not there: ${missing}`, fix)];
}
