import type { Settings } from "../../config/settings.ts";
import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { runProcess } from "../../host/run-process.ts";
import type { NodeInspector } from "../../runtime/index.ts";
import { KNOWN_SOCKETS } from "../detect-endpoint.ts";
import type { Doctor } from "./finding.ts";
import { probeSocket, type SocketAnswer } from "./probe-socket.ts";

export interface DoctorOptions {
  readonly node: NodeInspector;
  readonly settings: Settings;
  readonly env: Doctor["env"];
  readonly flags: Doctor["flags"];
  readonly registries: readonly string[];
  readonly signal: AbortSignal;
  /** Where runtimes put their sockets. */
  readonly knownSockets?: readonly string[];
}

const PROGRAM_MS = 3_000;

export function openDoctor(options: DoctorOptions): Doctor {
  const { node, settings, env, flags, registries, signal } = options;
  let sockets: Promise<readonly SocketAnswer[]> | undefined;
  return {
    node,
    settings,
    env,
    flags,
    registries,
    isRoot: process.geteuid?.() === 0,
    sockets() {
      sockets ??= probeAll(options, signal);
      return sockets;
    },
    run: (program, args, { signal: checkSignal, ...rest } = { signal }) =>
      runProcess(program, args, {
        ...rest,
        env: { PATH: env.PATH ?? "", LC_ALL: "C", ...rest.env },
        signal: checkSignal,
        timeoutMs: PROGRAM_MS,
        maxOutputBytes: 1024 * 1024,
      }),
  };
}

async function probeAll(options: DoctorOptions, signal: AbortSignal): Promise<SocketAnswer[]> {
  const configured = remoteEndpoints(options.settings);
  const known = [
    ...(options.knownSockets ?? KNOWN_SOCKETS),
    `${options.node.paths.state}/crish.sock`,
  ]
    .map((path) => `unix://${encodeURI(path)}`)
    .filter((endpoint) => !configured.includes(endpoint));
  return await Promise.all([
    ...configured.map((endpoint) => probeSocket(endpoint, true, signal)),
    ...known.map((endpoint) => probeSocket(endpoint, false, signal)),
  ]);
}

/** The servers that the settings name, in their canonical spelling. A malformed one throws. */
function remoteEndpoints({ runtimeEndpoint, imageEndpoint }: Settings): string[] {
  const texts = [runtimeEndpoint, imageEndpoint]
    .filter((text) => text !== undefined)
    .map((text) => parseEndpoint(text))
    .filter(({ kind }) => kind !== "embedded")
    .map(({ text }) => text);
  return [...new Set(texts)];
}
