import { existsSync } from "node:fs";
import { loadOwnSettings } from "../../../config/load-own-settings.ts";
import { DEFAULT_CONFIG_FILE, loadSettings } from "../../../config/load-settings.ts";
import { describe } from "../../../errors/describe.ts";
import { hasCode } from "../../../errors/status-error.ts";
import { findExecutable } from "../../../host/find-executable.ts";
import { type AuthFile, readAuthFile } from "../../../registry/auth/auth-file.ts";
import { authPlaces } from "../../../registry/auth/auth-places.ts";
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
      checkAuthFiles(doctor),
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

/** Files of credentials: their form and the helpers that they name, never what they hold. */
async function checkAuthFiles({ env }: Doctor): Promise<Finding[]> {
  const { files } = authPlaces(env, env.REGISTRY_AUTH_FILE || undefined);
  const found = await Promise.all(files.map((file) => checkAuthFile(file, env)));
  return found.flat();
}

async function checkAuthFile(path: string, env: Doctor["env"]): Promise<Finding[]> {
  const id = "configuration.credentials";
  let file: AuthFile | undefined;
  try {
    file = await readAuthFile(path);
  } catch (error) {
    const { message } = describe(error);
    if (!hasCode(error, "InvalidArgument")) return [unchecked(id, message)];
    return [fail(id, message, "correct it, or move it away and write it anew with crish login")];
  }
  if (file === undefined) return [];
  const named = [...(file.store === undefined ? [] : [file.store]), ...Object.values(file.helpers)];
  const missing = [...new Set(named)]
    .map((name) => `docker-credential-${name}`)
    .filter((program) => findExecutable(program, env.PATH ?? "") === undefined);
  if (missing.length === 0) return [ok(id, `${path} is well formed`)];
  const fix = `install ${missing.join(", ")} in the PATH, or take the name out of the file`;
  return [warn(id, `"${path}" names credential helpers that are not there: ${missing}`, fix)];
}
