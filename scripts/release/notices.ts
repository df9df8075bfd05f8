import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lockedPackage } from "./lockfile.ts";
import { runtimePackages } from "./runtime-packages.ts";
import { TARGETS } from "./targets.ts";

const LICENSE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

/** The licences of everything that an executable contains, as those licences want it. */
export function thirdPartyNotices(root: string): string {
  const bundled = runtimePackages(root).map(({ name, version, license, path }) =>
    section(`${name} ${version}`, license, licenseTexts(join(root, path))),
  );
  return [bunNotice(root), ...bundled].join("\n");
}

/** Bun's packages bring no text of their own. */
function bunNotice(root: string): string {
  const [first] = TARGETS;
  const { version, license } = lockedPackage(root, first?.bunPackage ?? "");
  const text =
    "The JavaScript runtime within the executable, with JavaScriptCore (LGPL-2.1) and the other\n" +
    "libraries that Bun's own licence file names.\n";
  return section(`Bun ${version}`, license, text);
}

function section(title: string, license: string | undefined, text: string): string {
  return `${"-".repeat(78)}\n${title} (${license ?? "see below"})\n\n${text.trim()}\n`;
}

function licenseTexts(directory: string): string {
  if (!existsSync(directory)) return "";
  const files = readdirSync(directory).filter((name) => LICENSE_FILE.test(name));
  return files.map((name) => readFileSync(join(directory, name), "utf8")).join("\n");
}
