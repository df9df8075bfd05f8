import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { crish } from "./crish.ts";
import { createEmbeddedRoot, type EmbeddedRoot } from "./embedded-root.ts";
import type { RunResult } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { uniqueSuffix } from "./unique.ts";

export interface DoctorFinding {
  id: string;
  level: string;
  text: string;
  fix?: string;
}

/** A root that nobody has used yet, and a directory for what the doctor is shown. */
export interface DoctorPlace {
  readonly root: EmbeddedRoot;
  readonly directory: string;
  /** Runs checks and returns the one finding with that ID. */
  finding(
    id: string,
    args: string[],
    env?: NodeJS.ProcessEnv,
  ): Promise<DoctorFinding & { status: number }>;
  file(name: string, text: string, mode?: number): Promise<string>;
  /** A configuration of the runtime, as the environment that names it. */
  runtimeConfig(fields: object): Promise<{ CRISH_RUNTIME_CONFIG: string }>;
}

export async function createDoctorPlace(cleanup: Cleanup): Promise<DoctorPlace> {
  const root = await createEmbeddedRoot(cleanup);
  const directory = await temporaryDirectory(cleanup, "doctor");
  const place: DoctorPlace = {
    root,
    directory,
    async finding(id, args, env = {}) {
      const result = await crish(["doctor", "-o", "json", ...args], {
        env: { ...root.env, ...env },
      });
      const [found, ...more] = findingsOf(result)(id);
      assert.ok(
        found !== undefined && more.length === 0,
        `${id}: ${result.stdout}${result.stderr}`,
      );
      return { ...found, status: result.status };
    },
    async file(name, text, mode = 0o644) {
      const path = join(directory, name);
      await writeFile(path, text);
      await chmod(path, mode);
      return path;
    },
    async runtimeConfig(fields) {
      const name = `runtime-${uniqueSuffix()}.yaml`;
      return { CRISH_RUNTIME_CONFIG: await place.file(name, JSON.stringify(fields)) };
    },
  };
  return place;
}

/** The findings of `doctor -o json` by the start of their IDs. */
export function findingsOf(result: RunResult): (id: string) => DoctorFinding[] {
  const { checks } = JSON.parse(result.stdout) as { checks: { findings: DoctorFinding[] }[] };
  const all = checks.flatMap(({ findings }) => findings);
  return (id) => all.filter((finding) => finding.id === id || finding.id.startsWith(`${id}.`));
}
