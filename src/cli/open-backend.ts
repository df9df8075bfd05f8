import type { CriBackend } from "../cri/backend.ts";
import { parseEndpoint } from "../cri/parse-endpoint.ts";
import type { RemoteOptions } from "../cri/remote-backend.ts";
import { StatusError } from "../errors/status-error.ts";
import type { EarlySocket } from "../host/connect-early.ts";
import type { OpenBackendOptions } from "./backend-pool.ts";
import { embeddedPlaces } from "./embedded-places.ts";
import { formatLogLine } from "./format-log-line.ts";

/**
 * The backend that the settings mean: the endpoint they name, else the first known socket that
 * answers, else the embedded runtime. The command's signal bounds the choice and not the backend,
 * which serves later commands of the session too.
 */
export async function openBackend(options: OpenBackendOptions): Promise<CriBackend> {
  const { settings, signal, debug } = options;
  const { runtimeEndpoint, imageEndpoint, connectTimeoutMs } = settings;
  if (runtimeEndpoint !== undefined) {
    if (parseEndpoint(runtimeEndpoint).kind !== "embedded") return open(options, runtimeEndpoint);
    if (imageEndpoint !== undefined && parseEndpoint(imageEndpoint).kind !== "embedded") {
      throw new StatusError(
        "InvalidArgument",
        `the embedded runtime has its own images and cannot use "${imageEndpoint}"`,
      );
    }
    return await embedded(options);
  }
  const detected = await detect(options, { connectTimeoutMs, signal, debug });
  if (detected === undefined && options.mayBeEmbedded === false) {
    throw new StatusError("Unavailable", "no CRI socket answers", {
      hint: "is the runtime running? name its socket with --runtime-endpoint",
    });
  }
  return detected ?? (await embedded(options));
}

async function detect(
  options: OpenBackendOptions,
  {
    connectTimeoutMs,
    signal,
    debug,
  }: {
    connectTimeoutMs: number;
    signal: AbortSignal;
    debug(line: string): void;
  },
): Promise<CriBackend | undefined> {
  const { detectEndpoint } = await import("./detect-endpoint.ts");
  const found = await detectEndpoint({
    connectTimeoutMs,
    signal,
    debug,
    open: (endpoint, early) => open(options, endpoint, early),
  });
  debug(
    found === undefined ? "no CRI socket answers: embedded runtime" : `found ${found.endpoint}`,
  );
  return found;
}

async function open(
  { settings }: OpenBackendOptions,
  endpoint: string,
  early?: EarlySocket,
): Promise<CriBackend> {
  const { openRemote } = await import("../cri/remote-backend.ts");
  const { imageEndpoint, timeoutMs, connectTimeoutMs, maxRetries, transport } = settings;
  const remote: RemoteOptions = {
    runtimeEndpoint: endpoint,
    imageEndpoint,
    timeoutMs,
    connectTimeoutMs,
    maxRetries,
    transport,
    early,
  };
  return await openRemote(remote);
}

async function embedded({ env, debug, warn }: OpenBackendOptions): Promise<CriBackend> {
  const { openEmbedded } = await import("../runtime/index.ts");
  const log = (message: string, facts?: Readonly<Record<string, unknown>>) =>
    debug(formatLogLine(message, facts));
  return await openEmbedded({
    ...embeddedPlaces(env),
    mode: "one-shot",
    log: { debug: log, warn: log },
    signal: new AbortController().signal,
    tell: warn,
  });
}
