import { arch, release, version } from "node:os";
import { describe } from "../../errors/describe.ts";
import { readIfPresent } from "../../host/read-if-present.ts";
import { runProcess } from "../../host/run-process.ts";
import { CRISH_VERSION } from "../version.ts";
import type { Collection } from "./collection.ts";

const PROGRAM_MS = 3_000;

/** Of crish, of what it runs on, and of the programs that it starts. */
export async function collectVersions({ node, signal, addData }: Collection): Promise<void> {
  const config = await node.config().catch(() => undefined);
  const handlers = Object.values(config?.handlers ?? { "": { path: "runc" } });
  const programs = [
    ...new Set([...handlers.map(({ path }) => path), config?.conmon ?? "conmon", "catatonit"]),
    ...["tar", "iptables"],
  ];
  const versionOf = async (program: string): Promise<[string, string]> => {
    try {
      const options = { signal, timeoutMs: PROGRAM_MS };
      const { stdout, exitCode } = await runProcess(program, ["--version"], options);
      return [program, stdout.toString().trim() || `status ${exitCode}`];
    } catch (error) {
      return [program, describe(error).message];
    }
  };
  const networks = await node.networks().catch(() => undefined);
  addData("versions.json", {
    crish: CRISH_VERSION,
    interpreter: process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.version}`,
    kernel: { release: release(), version: version(), arch: arch() },
    system: readIfPresent("/etc/os-release"),
    programs: Object.fromEntries(await Promise.all(programs.map(versionOf))),
    cni: { plugins: networks?.plugins, directories: networks?.pluginDirs },
  });
}
