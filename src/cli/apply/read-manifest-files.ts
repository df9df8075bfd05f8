import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readConfigText } from "../../cri/read-config-file.ts";
import { errnoText } from "../../errors/errno-text.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ManifestText } from "../../manifest/read-manifests.ts";
import type { Context } from "../context.ts";
import { readDocument, refuseSeveralFromStdin } from "../read-config-argument.ts";

const STDIN = "-";
const MANIFEST_FILE = /\.(?:ya?ml|json)$/;

/**
 * The texts of files, of all manifests of a directory in the order of their names, and of stdin,
 * which is `-`. Throws InvalidArgument for what cannot be read.
 */
export async function readManifestFiles(
  context: Context,
  paths: readonly string[],
): Promise<readonly ManifestText[]> {
  refuseSeveralFromStdin(paths);
  const texts: ManifestText[] = [];
  for (const path of paths) {
    if (path === STDIN) {
      texts.push({ text: await readDocument(context, "Kubernetes manifests"), file: STDIN });
      continue;
    }
    for (const file of await filesAt(context.cwd, path)) {
      texts.push({ text: await readConfigText(resolve(context.cwd, file)), file });
    }
  }
  return texts;
}

async function filesAt(cwd: string, path: string): Promise<readonly string[]> {
  try {
    const place = resolve(cwd, path);
    if (!(await stat(place)).isDirectory()) return [path];
    const names = (await readdir(place)).filter((name) => MANIFEST_FILE.test(name)).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (error) {
    throw new StatusError("InvalidArgument", `cannot read "${path}": ${errnoText(error)}`);
  }
  throw new StatusError("InvalidArgument", `"${path}" has no *.yaml, *.yml or *.json`);
}
