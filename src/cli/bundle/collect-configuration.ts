import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_CONFIG_FILE } from "../../config/load-settings.ts";
import { ownSettingsFile } from "../../config/own-settings-files.ts";
import { readAuthFile } from "../../registry/auth/auth-file.ts";
import { authPlaces } from "../../registry/auth/auth-places.ts";
import type { Collection } from "./collection.ts";
import { fileName } from "./file-name.ts";

/** Variables whose values say where things are; of all others only the names are told. */
const SHOWN_VARIABLES = [
  ...["CRISH_ROOT", "CRISH_STATE", "CRISH_RUNTIME_CONFIG", "CRI_CONFIG_FILE"],
  ...["CONTAINER_RUNTIME_ENDPOINT", "IMAGE_SERVICE_ENDPOINT", "DOCKER_CONFIG", "HOME", "PATH"],
  ...["CRISH_CONTEXT", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"],
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
  await addAuthFiles(collection);
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
async function addAuthFiles({ context, addData, note }: Collection): Promise<void> {
  const { env } = context;
  const { files } = authPlaces(env, env.REGISTRY_AUTH_FILE || undefined);
  const taken = new Map<string, number>();
  for (const path of files) {
    try {
      const file = await readAuthFile(path);
      if (file === undefined) continue;
      const count = (taken.get(file.form) ?? 0) + 1;
      taken.set(file.form, count);
      const name = count === 1 ? file.form : `${file.form}-${count}`;
      addData(`configuration/${name}.json`, {
        file: path,
        registries: Object.keys(file.auths),
        helper: file.store,
        helpers: Object.entries(file.helpers).map((pair) => pair.join(": ")),
      });
    } catch (error) {
      note(`configuration ${path}`, error);
    }
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
