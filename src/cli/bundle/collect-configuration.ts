import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_CONFIG_FILE } from "../../config/load-settings.ts";
import { ownSettingsFile } from "../../config/own-settings-files.ts";
import type { Collection } from "./collection.ts";
import { fileName } from "./file-name.ts";

/** Variables whose values say where things are; of all others only the names are told. */
const SHOWN_VARIABLES = [
  ...["CRISH_ROOT", "CRISH_STATE", "CRISH_RUNTIME_CONFIG", "CRI_CONFIG_FILE"],
  ...["CONTAINER_RUNTIME_ENDPOINT", "IMAGE_SERVICE_ENDPOINT", "DOCKER_CONFIG", "HOME", "PATH"],
  ...["TERM", "LANG", "COLUMNS", "NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
  ...["http_proxy", "https_proxy", "no_proxy"],
];
const NAMED_VARIABLES = /^(CRI|CRISH|CRICTL|CONTAINER|IMAGE|DOCKER|XDG)_/;

/** The settings as they came to be, and the files they came from. */
export async function collectConfiguration(collection: Collection): Promise<void> {
  const { context, node, addData } = collection;
  const { settings, env } = context;
  addData("configuration/settings.json", settings);
  // Under names that do not say "environment", of which every value would go.
  const variables = Object.entries(env).flatMap(([name, value]): [string, unknown][] => {
    if (SHOWN_VARIABLES.includes(name)) return [[name, value]];
    return NAMED_VARIABLES.test(name) ? [[name, "<redacted>"]] : [];
  });
  addData("configuration/variables.json", Object.fromEntries(variables));
  const crictl = settings.configFile ?? env.CRI_CONFIG_FILE ?? DEFAULT_CONFIG_FILE;
  await addFile(collection, "crictl", crictl);
  await addFile(collection, "runtime", node.configFile);
  await addFile(collection, "shell", ownSettingsFile(env));
  await addDockerConfig(collection);
  await addNetworkLists(collection);
}

/** A file of YAML or JSON, through its data: of one that is malformed nothing is taken. */
async function addFile({ addData, note }: Collection, name: string, path: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") note(`configuration ${path}`, error);
    return;
  }
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) {
    note(`configuration ${path}`, `left out, as it is malformed (${broken.code})`);
    return;
  }
  addData(`configuration/${name}.json`, { file: path, content: document.toJS() });
}

/** For which registries there are credentials, and from whom; none of them. */
async function addDockerConfig({ context, addData, note }: Collection): Promise<void> {
  const { DOCKER_CONFIG, HOME } = context.env;
  const directory = DOCKER_CONFIG || (HOME && join(HOME, ".docker"));
  if (!directory) return;
  const file = join(directory, "config.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return;
  try {
    const { auths, credsStore, credHelpers } = JSON.parse(text) as Record<string, unknown>;
    addData("configuration/docker.json", {
      file,
      registries: Object.keys((auths ?? {}) as object),
      helper: credsStore,
      helpers: Object.entries((credHelpers ?? {}) as object).map((pair) => pair.join(": ")),
    });
  } catch {
    // The parser's message would quote the file.
    note(`configuration ${file}`, "it is not JSON");
  }
}

async function addNetworkLists({ node, addData, note }: Collection): Promise<void> {
  const { configDir } = await node.networks();
  const names = await readdir(configDir).catch(() => []);
  for (const name of names.filter((file) => /\.(conflist|conf|json)$/.test(file))) {
    try {
      const content: unknown = JSON.parse(await readFile(join(configDir, name), "utf8"));
      addData(`configuration/cni/${fileName(name, 60)}`, content);
    } catch {
      note(`configuration ${join(configDir, name)}`, "left out, as it is malformed or unreadable");
    }
  }
}
