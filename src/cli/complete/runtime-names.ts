import { existsSync } from "node:fs";
import { loadOwnSettings } from "../../config/load-own-settings.ts";
import { KNOWN_SOCKETS } from "../detect-endpoint.ts";
import type { Candidate } from "./candidate.ts";
import { hostFiles } from "./host-files.ts";

const UNIX = "unix://";

/** Known sockets that are there; behind `unix://` any file. */
export async function endpointCandidates(prefix: string): Promise<readonly Candidate[]> {
  const sockets = KNOWN_SOCKETS.filter((path) => existsSync(path));
  const isPath = prefix.startsWith(`${UNIX}/`);
  const files = isPath
    ? await hostFiles(prefix.slice(UNIX.length), { cwd: "/", home: undefined })
    : [];
  return [
    ...sockets.map((path) => ({ text: UNIX + path })),
    ...files.map((file) => ({ ...file, text: UNIX + file.text })),
    { text: "embedded:", note: "the runtime of crish" },
  ];
}

/** Runtimes by their names in crish's own configuration, each with its endpoint. */
export async function contextNameCandidates(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Candidate[]> {
  const { contexts } = await loadOwnSettings(env);
  return [...contexts].map(([text, { runtimeEndpoint }]) => ({ text, note: runtimeEndpoint }));
}
